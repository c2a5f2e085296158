import { z } from 'zod'
import { defineKind, field } from './define-kind.ts'
import { CalendarDate, Count, Money, Nations, Text, Texts } from './value.ts'

/** Sorts of instruments, as people who keep them name them. */
export const agreementTypes = [
  'treaty',
  'RDP',
  'QA',
  'SOSA',
  'GSA',
  'GSOMIA',
  'TAA',
  'MLA',
  'WDA',
  'MOU',
  'PA',
  'ACSA',
  'LOA',
  'licence',
  'exemption',
] as const

/** An instrument under which nations share, sell or work together. */
export const agreement = defineKind({
  kind: 'agreement',
  identity: ['title'],
  fields: {
    title: field(Text, 'P', 'Title'),
    agreement_type: field(z.enum(agreementTypes), 'P', 'Type of instrument'),
    number: field(Text, 'B', 'Registry or case number'),
    parties: field(Nations, 'P', 'Parties'),
    sublicensees: field(Texts, 'B', 'Signatories and sublicensees'),
    territory: field(Texts, 'G', 'Where it holds'),
    authorised_items: field(Texts, 'R', 'USML, ECCN or NSN patterns that it covers'),
    authorised_end_uses: field(Texts, 'R', 'End uses that it covers'),
    value_limit: field(Money, 'B', 'Value above which it does not hold', 'money'),
    classification_ceiling: field(
      z.enum(['UNCLASSIFIED', 'RESTRICTED', 'CONFIDENTIAL', 'SECRET', 'TOP SECRET']),
      'R',
      'Highest classification that it covers',
    ),
    third_country_rule: field(Text, 'R', 'Rule for dual and third-country nationals'),
    effective: field(CalendarDate, 'P', 'In force from'),
    amended: field(CalendarDate, 'P', 'Last amended'),
    expiry: field(CalendarDate, 'P', 'Ends on'),
    quality_assurance: field(z.boolean(), 'P', 'Includes reciprocal government quality assurance'),
    provisos: field(Texts, 'B', 'Provisos'),
    congressional_notification: field(
      z.strictObject({ needed: z.boolean(), days: Count.optional() }),
      'B',
      'Whether Congress must be told, and how many days ahead',
    ),
    agreement_status: field(
      z.enum(['draft', 'in force', 'suspended', 'ended']),
      'P',
      'Whether it holds',
    ),
    negotiation_position: field(Text, 'N', 'National position for the next round'),
  },
})
