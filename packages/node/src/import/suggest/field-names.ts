import type { Kind } from '@entente/schema'

/** Other names under which files carry a field, by kind; `*` for every kind that has the field. */
export const fieldNames: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  '*': {
    title: ['title', 'name', 'nearest title', 'what'],
    name: ['name', 'item name', 'title', 'nearest title'],
    place: ['location', 'maker place', 'city', 'town', 'place of performance'],
    address: ['address', 'site place', 'state', 'province'],
    materials: ['minerals', 'materials', 'commodity', 'element'],
    nation: ['country', 'nation'],
    line_item: ['line item number', 'line item code'],
    agency: ['service agency', 'agency', 'service', 'department'],
    unit_cost: ['unit cost', 'last order unit cost', 'unit price'],
    owner_contact: ['contact', 'point of contact', 'poc'],
    nsn: ['nsn', 'nato stock number', 'national stock number'],
    niin: ['niin'],
  },
  capability: {
    title: ['cost element', 'capability', 'process', 'product', 'part description', 'description'],
    supplier: ['manufacturer name', 'maker', 'supplier', 'vendor', 'company'],
    part_of: ['item title', 'end item', 'system'],
    rate_msr: ['min sustaining rate', 'minimum rate'],
    rate_1_8_5: ['rate 1 8 5'],
    rate_max: ['max production rate', 'maximum rate', 'capacity', 'at maximum'],
    capacity_available_pct: ['capacity available', 'spare capacity'],
    output: ['production', 'output', 'output month', 'annual production'],
    item_refs: ['nsn'],
    lead_time: ['lead time', 'lead time month', 'reorder total lead time month'],
    first_lead_time: ['initial total lead time month', 'first lead time'],
    item_code: ['item code', 'dodic', 'part number', 'part'],
  },
  supplier: {
    legal_name: ['legal name', 'company name', 'supplier name', 'manufacturer name', 'vendor name'],
    ncage: ['cage', 'ncage', 'cage code'],
    uei: ['uei', 'unique entity id'],
    lei: ['lei'],
    ultimate_parent: ['parent', 'ultimate parent', 'owner'],
  },
  facility: {
    name: ['site', 'mine', 'plant', 'facility', 'name'],
    operator: ['operator', 'owner', 'company'],
    region: ['state', 'province', 'region', 'county'],
    latitude: ['latitude'],
    longitude: ['longitude'],
    stage: ['stage', 'status', 'development stage'],
    commodity_group: ['commodity group'],
  },
  item: { unit_of_issue: ['unit of issue', 'ui'], price: ['price', 'unit price'], fsc: ['fsc'] },
  programme: {
    name: ['line item title', 'programme', 'project'],
    code: ['line item number', 'programme number', 'project number'],
    activity: ['budget activity'],
    requirement: ['description', 'requirement'],
  },
  gap: {
    title: ['gap', 'shortfall', 'issue', 'line item title'],
    statement: ['sentence', 'statement', 'description', 'remark'],
    import_reliance_pct: ['net import reliance', 'import reliance', 'nir 2025e raw'],
    needed_by: ['needed by', 'due'],
  },
  investment: {
    code: ['programme element', 'grant number', 'project number'],
    investor: ['investor', 'service agency', 'funder'],
    amount: ['amount', 'funding budget year one', 'value', 'award amount'],
    activity: ['budget activity'],
  },
  agreement: {
    title: ['agreement name', 'agreement', 'title'],
    parties: ['parties', 'nation', 'iso alpha 3', 'isoalpha3'],
    effective: ['agreement start', 'effective', 'in force', 'start'],
    amended: ['latest amendment', 'amended'],
    expiry: ['expiry', 'end', 'expires'],
    quality_assurance: ['include qa', 'quality assurance'],
  },
  engagement: { title: ['meeting', 'engagement'], next_date: ['next date', 'date'] },
  alert: { title: ['alert', 'notice'], reported: ['reported', 'date'] },
}

/** Words in a file's name or columns that speak for a kind. */
export const kindWords: Readonly<Record<Kind, readonly string[]>> = {
  capability: ['capability', 'production', 'maker', 'rate', 'capacity', 'tim', 'reorder'],
  gap: ['gap', 'shortfall', 'dmsm', 'obsolescence', 'reliance', 'sentence'],
  investment: ['investment', 'funding', 'grant', 'rdte', 'element', 'loan', 'award'],
  supplier: ['supplier', 'vendor', 'cage', 'uei'],
  facility: ['facility', 'mine', 'site', 'plant', 'latitude', 'longitude', 'operator'],
  item: ['item', 'nsn', 'niin', 'fsc', 'part', 'stock'],
  programme: ['programme', 'line', 'budget', 'obligation', 'authority', 'acquisition'],
  agreement: ['agreement', 'treaty', 'mou', 'amendment', 'party'],
  engagement: ['engagement', 'meeting', 'exercise', 'host', 'cadence', 'participant'],
  alert: ['alert', 'counterfeit', 'lot', 'suspect', 'reported'],
}

/** Names under which files carry the day that a row's facts are of. */
export const asOfNames: readonly string[] = [
  'as of',
  'checked',
  'last checked',
  'verified',
  'updated',
  'last updated',
  'date of information',
  'status date',
]
