import { z } from 'zod'
import { defineKind, field } from './define-kind.ts'
import { CalendarDate, NationCode, Place, Ref, Text, Texts } from './value.ts'

/** A company or works that makes or supplies. */
export const supplier = defineKind({
  kind: 'supplier',
  identity: ['legal_name'],
  suppliers: { legal_name: 'name', ncage: 'ncage', uei: 'uei', lei: 'lei' },
  fields: {
    legal_name: field(Text, 'P', 'Name as the source spells it'),
    aliases: field(Texts, 'P', 'Other spellings in use'),
    ncage: field(Text, 'P', 'CAGE or NCAGE code'),
    uei: field(Text, 'P', 'Unique entity identifier of SAM.gov'),
    lei: field(
      z.string().regex(/^[0-9A-Z]{18}[0-9]{2}$/),
      'P',
      'Legal entity identifier, ISO 17442',
    ),
    ultimate_parent: field(Text, 'P', 'Ultimate parent'),
    parent_nation: field(NationCode, 'P', 'Nation of the ultimate parent'),
    nation: field(NationCode, 'P', 'Nation where it is located'),
    same_as: field(Ref, 'G', 'Record of the same party, as a person decided'),
    part_of: field(Ref, 'G', 'Record of the party it belongs to, as a person decided'),
    members: field(Texts, 'G', 'Parties of a joint venture or team, as a person decided'),
    distinct_from: field(Texts, 'G', 'Names that a person decided to be other parties'),
    place: field(Place, 'P', 'Where it is, as the source spells it'),
    products: field(Texts, 'P', 'What it makes, as the source names it'),
    foci: field(z.boolean(), 'B', 'Under foreign ownership, control or influence'),
    size: field(z.enum(['micro', 'small', 'medium', 'large']), 'P', 'Size class'),
    registrations: field(
      z
        .array(
          z.strictObject({
            scheme: z.enum([
              'DDTC',
              'CGP',
              'AUKUS authorised user',
              'JCP',
              'pre-approved FMS vendor',
            ]),
            valid_to: CalendarDate.optional(),
          }),
        )
        .readonly(),
      'G',
      'Registrations held and how long they last',
    ),
    screened: field(
      z.strictObject({ list: Text, date: CalendarDate, hit: z.boolean() }),
      'R',
      'Result of screening against a denied-party list',
    ),
    quality_certs: field(Texts, 'G', 'Quality certificates held'),
    second_tier: field(Texts, 'C', 'Suppliers of this supplier'),
    owner_contact: field(Text, 'B', 'Office that deals with this supplier'),
    risk_note: field(Text, 'N', 'National assessment of dependence on this supplier'),
  },
})
