import { z } from 'zod'
import { aggregateField } from './aggregate.ts'
import { defineKind, field } from './define-kind.ts'
import {
  CalendarDate,
  Count,
  LeadTime,
  Money,
  Percent,
  Place,
  Quantity,
  Rate,
  Ref,
  Text,
  Texts,
} from './value.ts'

/** What a maker can make: the item, the rates and lead times at which it comes, and who may have that. */
export const capability = defineKind({
  kind: 'capability',
  identity: ['title'],
  suppliers: { supplier: 'name', supplier_ref: 'ref' },
  fields: {
    title: field(Text, 'P', 'What is made or done, as the source names it'),
    domain: field(Text, 'G', 'NDPP area, or UK/ML/USML subject code'),
    description: field(Text, 'G', 'What the capability is, in a sentence'),
    item_code: field(Text, 'P', 'Code of the item made: DODIC, NSN or type designation'),
    line_item: field(
      z.strictObject({ code: Text, title: Text.optional() }),
      'P',
      'Budget line item that buys it',
    ),
    part_of: field(Text, 'P', 'What the item goes into, as the source names it'),
    agency: field(Text, 'P', 'Service or agency that buys it'),
    supplier: field(Text, 'P', 'Name of the maker as the source spells it'),
    supplier_ref: field(Ref, 'P', 'Supplier record'),
    place: field(Place, 'P', 'Where it is made, as the source spells it'),
    materials: field(Texts, 'P', 'Materials produced or used'),
    scope: field(
      z.enum(['maker', 'national total']),
      'P',
      'Whether it is one maker’s, or a nation’s total that names no maker',
    ),
    facility_ref: field(Ref, 'B', 'Facility record'),
    item_refs: field(Texts, 'R', 'Item records, NSN or part numbers made'),
    output: field(
      z.strictObject({ quantity: Quantity, unit: Text, period: z.enum(['month', 'year']) }),
      'G',
      'Present output',
      'rate',
    ),
    rate_msr: field(
      Rate,
      'R',
      'Minimum sustaining rate: the least that keeps the line open',
      'rate',
    ),
    rate_1_8_5: field(Rate, 'R', 'Rate at one shift, eight hours, five days', 'rate'),
    rate_max: field(Rate, 'R', 'Maximum rate with present tooling', 'rate'),
    capacity_available_pct: field(
      Percent,
      'B',
      'Share of the maximum rate not yet committed, percent',
      'percent',
    ),
    surge: field(
      z.strictObject({ multiplier: Quantity, weeks_to_reach: Count }),
      'R',
      'Multiple of the present rate, and weeks to reach it',
    ),
    lead_time: field(
      LeadTime,
      'G',
      'Lead time of a repeat order (the first order’s where no repeat order’s is given), months',
      'months',
    ),
    first_lead_time: field(LeadTime, 'G', 'Lead time of a first order, months', 'months'),
    sourcing: field(
      z.strictObject({
        last_contract_method: z.enum(['C', 'SS']).optional(),
        contract_type: Text.optional(),
        last_order: CalendarDate.optional(),
        first_delivery: CalendarDate.optional(),
        quantity: Quantity.optional(),
        office: Text.optional(),
      }),
      'G',
      'The last order: C competitive or SS sole source (last bought so, not the only source); type, dates, quantity, office',
    ),
    qualified_for: field(
      Texts,
      'R',
      'Programmes the maker is qualified for; absent means not known to be qualified for any',
    ),
    trl: field(z.int().min(1).max(9), 'G', 'Technology readiness level, 1-9'),
    mrl: field(z.int().min(1).max(10), 'G', 'Manufacturing readiness level, 1-10'),
    unit_cost: field(Money, 'C', 'Cost of one unit in the last order', 'money'),
    export_route: field(
      Text,
      'R',
      'Licence or exemption under which it can be exported, in a line',
    ),
    demand: field(
      z.strictObject({ quantity: Quantity, unit: Text, period: z.enum(['month', 'year']) }),
      'N',
      'Own demand',
      'rate',
    ),
    owner_contact: field(Text, 'B', 'Office that answers questions about this record'),
    aggregate: aggregateField,
  },
})
