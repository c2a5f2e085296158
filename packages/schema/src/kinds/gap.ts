import { z } from 'zod'
import { aggregateField } from './aggregate.ts'
import { defineKind, field } from './define-kind.ts'
import { CalendarDate, Percent, Quantity, Ref, Text, Texts } from './value.ts'

const Yearly = z.strictObject({ quantity: Quantity, unit: Text, period: z.literal('year') })

/** Something a nation needs and cannot be sure of getting. */
export const gap = defineKind({
  kind: 'gap',
  identity: ['title'],
  fields: {
    title: field(Text, 'G', 'What is missing'),
    gap_kind: field(
      z.enum([
        'shortfall',
        'sole-source',
        'DMSMS',
        'import-reliance',
        'workforce',
        'technology',
        'interoperability',
      ]),
      'G',
      'Sort of gap',
    ),
    statement: field(Text, 'G', 'What the source says of it, in the source’s words'),
    line_item: field(
      z.strictObject({ code: Text, title: Text.optional() }),
      'P',
      'Budget line item that speaks of it',
    ),
    agency: field(Text, 'P', 'Service or agency that has it'),
    materials: field(Texts, 'P', 'Materials concerned'),
    item_refs: field(Texts, 'R', 'Items concerned'),
    severity: field(z.int().min(1).max(5), 'R', 'Severity: 1 slight to 5 mission stops'),
    quantity_short: field(Quantity, 'R', 'How many are short; in `unit`', 'count'),
    unit: field(Text, 'R', 'Unit of `quantity_short`'),
    needed_by: field(CalendarDate, 'R', 'When the gap must be closed'),
    affected_programmes: field(Texts, 'R', 'Programmes that the gap slows or stops'),
    affected_units: field(Texts, 'N', 'Units that go without'),
    mission_impact: field(Text, 'N', 'What cannot be done because of it'),
    dotmlpf_p: field(Texts, 'R', 'DOTMLPF-P or DLOD tags'),
    ndpp_target_ref: field(Ref, 'B', 'NATO capability target'),
    mitigation: field(Text, 'R', 'Resolution option, as in SD-22'),
    import_reliance_pct: field(
      Percent,
      'P',
      'Net import reliance, percent of apparent consumption; `>50` is a bound',
      'percent',
    ),
    import_sources: field(
      Texts,
      'P',
      'Where imports came from, with the share of imports, as `Norway 26 %`',
    ),
    import_period: field(Text, 'P', 'Years over which `import_sources` were counted'),
    domestic_production: field(Yearly, 'P', 'Own primary production in a year', 'rate'),
    domestic_consumption: field(Yearly, 'P', 'Own consumption in a year', 'rate'),
    owner_contact: field(Text, 'B', 'Office that owns the gap'),
    aggregate: aggregateField,
  },
})
