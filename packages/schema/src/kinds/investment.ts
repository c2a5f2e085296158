import { z } from 'zod'
import { aggregateField } from './aggregate.ts'
import { defineKind, field } from './define-kind.ts'
import { CalendarDate, Decimal, Money, Period, Quantity, Text, Texts } from './value.ts'

/** Money put, or to be put, into a capability. */
export const investment = defineKind({
  kind: 'investment',
  identity: ['title'],
  suppliers: { recipient_refs: 'ref' },
  fields: {
    title: field(Text, 'P', 'What the money is for'),
    code: field(Text, 'P', 'The investor’s own number, such as a programme element'),
    investor: field(Text, 'P', 'Who pays'),
    instrument: field(
      z.enum(['grant', 'loan', 'equity', 'procurement', 'R&D', 'DEF', 'offset']),
      'P',
      'How it is paid',
    ),
    amount: field(
      z.strictObject({
        amount: Decimal,
        currency: z.string().regex(/^[A-Z]{3}$/),
        base_year: z.int().min(1900).max(2200).optional(),
        nature: z.enum(['requested', 'committed', 'spent', 'announced']).optional(),
      }),
      'P',
      'Amount, in whole units of its currency; commercially negotiated amounts are class C',
      'money',
    ),
    funding: field(
      z.array(z.strictObject({ year: z.int(), ...Money.shape })).readonly(),
      'P',
      'Money by year',
    ),
    continues: field(z.boolean(), 'P', 'Goes on beyond the years given'),
    activity: field(Text, 'P', 'Budget activity it stands under'),
    period: field(Period, 'P', 'When it is spent'),
    recipient_refs: field(Texts, 'P', 'Who receives it'),
    capability_effect: field(
      z.strictObject({
        what: Text,
        quantity_per_year: Quantity.optional(),
        by: CalendarDate.optional(),
      }),
      'R',
      'What it adds, how much a year, by when',
    ),
    co_funders: field(Texts, 'P', 'Who pays with them'),
    conditions: field(Text, 'B', 'Conditions of the money'),
    priority: field(z.int().min(1).max(5), 'N', 'National priority: 1 first to 5 last'),
    aggregate: aggregateField,
  },
})
