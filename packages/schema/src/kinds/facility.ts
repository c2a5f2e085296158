import { z } from 'zod'
import { defineKind, field } from './define-kind.ts'
import { Degrees, NationCode, Percent, Place, Text, Texts } from './value.ts'

/** A mine, plant or works. */
export const facility = defineKind({
  kind: 'facility',
  identity: ['name'],
  suppliers: { operator: 'name' },
  fields: {
    name: field(Text, 'P', 'Name of the site'),
    operator: field(Text, 'P', 'Who runs it, as the source spells it'),
    parent_nation: field(
      NationCode,
      'P',
      'Nation of the operator’s ultimate parent, where known; another than the originator means foreign-owned',
    ),
    address: field(Place, 'P', 'Where it is'),
    region: field(Text, 'P', 'Province, state or county'),
    latitude: field(Degrees, 'P', 'WGS 84, decimal degrees north'),
    longitude: field(Degrees, 'P', 'WGS 84, decimal degrees east'),
    processes: field(Texts, 'P', 'What is done there'),
    commodity_group: field(Text, 'P', 'Commodity group that the source put it into'),
    stage: field(Text, 'P', 'Stage of development, as the source names it'),
    operating_status: field(
      z.enum(['operating', 'developing', 'suspended']),
      'P',
      'Whether it produces now: developing is not yet, suspended is care and maintenance or on hold',
    ),
    materials: field(Texts, 'P', 'Materials, lower case, as the source names them'),
    materials_basis: field(
      z.enum(['named', 'group']),
      'P',
      'Whether the source names each material of this site, or only the commodity group it was put into',
    ),
    clearance: field(Text, 'B', 'Facility clearance level'),
    capacity_available_pct: field(
      Percent,
      'B',
      'Share of capacity not yet committed, percent',
      'percent',
    ),
    critical_node: field(z.boolean(), 'N', 'Named as a critical node'),
    single_point_of_failure: field(z.boolean(), 'N', 'Nothing replaces it'),
    second_tier: field(Texts, 'C', 'Suppliers of this site'),
  },
})
