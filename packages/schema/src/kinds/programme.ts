import { z } from 'zod'
import { defineKind, field } from './define-kind.ts'
import { CalendarDate, Count, Money, NationCode, Nations, Ref, Text, Texts } from './value.ts'

/** An acquisition programme and what it must achieve. */
export const programme = defineKind({
  kind: 'programme',
  identity: ['name'],
  fields: {
    name: field(Text, 'P', 'Name of the programme'),
    code: field(Text, 'P', 'Number of the budget line item'),
    agency: field(Text, 'P', 'Service or agency that runs it'),
    activity: field(Text, 'P', 'Budget activity it stands under'),
    phase: field(
      z.enum(['concept', 'assessment', 'development', 'production', 'in service', 'disposal']),
      'P',
      'Phase of its life',
    ),
    lead: field(NationCode, 'P', 'Nation that leads'),
    partners: field(Nations, 'P', 'Nations that take part'),
    requirement: field(Text, 'R', 'What is required'),
    threshold: field(Text, 'R', 'Least that will do'),
    objective: field(Text, 'R', 'What is wanted'),
    needed_by: field(CalendarDate, 'R', 'When it is needed'),
    quantity: field(Count, 'R', 'How many', 'count'),
    quantities: field(
      z.array(z.strictObject({ year: z.int(), quantity: Count })).readonly(),
      'R',
      'How many by year',
    ),
    unit_cost: field(Money, 'C', 'Cost of one unit', 'money'),
    budget: field(
      z.array(z.strictObject({ year: z.int(), ...Money.shape })).readonly(),
      'N',
      'Money by year; class P once published',
    ),
    ndpp_target_ref: field(Ref, 'R', 'NATO capability target'),
    validating_body: field(
      z.enum(['JROC', 'I-JROC', 'national']),
      'R',
      'Who validated the requirement',
    ),
    interop_standards: field(Texts, 'G', 'STANAG to be met'),
    def_system: field(Text, 'P', 'Designated Defense Exportability Features system'),
    def_feature_detail: field(Text, 'N', 'Exportability features in detail'),
    allied_capability_assessment: field(
      z.strictObject({
        done: z.boolean(),
        date: CalendarDate.optional(),
        nodes_asked: Nations.optional(),
        findings: Text.optional(),
      }),
      'R',
      'Whether allied sources were looked for, when, where and what was found',
    ),
  },
})
