import { z } from 'zod'
import { defineKind, field } from './define-kind.ts'
import { CalendarDate, Count, Money, Percent, Ref, Text } from './value.ts'

/** A thing that is bought, stocked and replaced. */
export const item = defineKind({
  kind: 'item',
  identity: ['name'],
  suppliers: { makers: 'ref' },
  fields: {
    name: field(Text, 'P', 'Item name'),
    nsn: field(
      z.string().regex(/^\d{4}-\d{2}-\d{3}-\d{4}$/),
      'P',
      'NATO stock number, dddd-dd-ddd-dddd',
    ),
    niin: field(
      z.string().regex(/^\d{2}-\d{3}-\d{4}$/),
      'P',
      'NATO item identification number, dd-ddd-dddd: the end of the NSN, for ever the item’s',
    ),
    part_numbers: field(
      z.array(z.strictObject({ cage: Text.optional(), pn: Text })).readonly(),
      'P',
      'Part numbers with the CAGE of who numbered them',
    ),
    fsc: field(z.string().regex(/^\d{4}$/), 'P', 'Federal supply class'),
    control_codes: field(
      z
        .array(z.strictObject({ list: z.enum(['USML', 'ECCN', 'UKML', 'DSGL', 'ML']), code: Text }))
        .readonly(),
      'G',
      'Export control codes',
    ),
    sme: field(z.boolean(), 'G', 'Significant military equipment'),
    mde: field(z.boolean(), 'G', 'Major defence equipment'),
    mtcr: field(Text, 'G', 'MTCR annex entry'),
    makers: field(
      z.array(z.strictObject({ ref: Ref, qualified: z.boolean(), active: z.boolean() })).readonly(),
      'R',
      'Makers, whether qualified and still active',
    ),
    line_item: field(
      z.strictObject({ code: Text, title: Text.optional() }),
      'P',
      'Budget line item that buys it',
    ),
    unit_of_issue: field(Text, 'P', 'Unit of issue'),
    price: field(Money, 'C', 'Price of one', 'money'),
    demand_per_year: field(Count, 'N', 'Demand, units a year', 'count'),
    stock: field(Count, 'N', 'Stock on hand, units', 'count'),
    dmsms: field(
      z.strictObject({
        status: z.enum(['active', 'LTB announced', 'EOL', 'obsolete']),
        ltb_date: CalendarDate.optional(),
        resolution: Text.optional(),
      }),
      'R',
      'Obsolescence status; date of the last-time buy; resolution chosen',
    ),
    substitutes: field(
      z.array(z.strictObject({ ref: Ref, form_fit_function: z.boolean() })).readonly(),
      'R',
      'What can stand in for it',
    ),
    counterfeit_alerts: field(
      z
        .array(
          z.strictObject({
            state: z.enum(['suspect', 'confirmed', 'cleared', 'withdrawn']),
            source: Text,
            date: CalendarDate,
            lot: Text.optional(),
          }),
        )
        .readonly(),
      'G',
      'Counterfeit alerts on this item',
    ),
    us_content_pct: field(
      Percent,
      'B',
      'US-origin controlled content by value, percent (EAR de minimis)',
      'percent',
    ),
  },
})
