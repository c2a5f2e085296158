import { z } from 'zod'
import { defineKind, field } from './define-kind.ts'
import { CalendarDate, Period, Ref, Text, Texts } from './value.ts'

/** Notice that a part is counterfeit, a source is cut off or a product ends. */
export const alert = defineKind({
  kind: 'alert',
  identity: ['title'],
  suppliers: { supplier_ref: 'ref' },
  fields: {
    title: field(Text, 'P', 'What happened, in a line'),
    alert_type: field(
      z.enum(['counterfeit', 'disruption', 'obsolescence', 'product change']),
      'P',
      'Sort of alert',
    ),
    state: field(z.enum(['suspect', 'confirmed', 'cleared', 'withdrawn']), 'G', 'How sure'),
    item_refs: field(Texts, 'G', 'NSN or part numbers concerned'),
    lots: field(Texts, 'G', 'Lots concerned'),
    materials: field(Texts, 'P', 'Materials concerned'),
    supplier_ref: field(Ref, 'B', 'Supplier concerned; class G once confirmed'),
    sites: field(Texts, 'R', 'Sites concerned'),
    window: field(Period, 'G', 'From when to when'),
    cause: field(Text, 'G', 'Cause'),
    effect: field(Text, 'R', 'Effect on supply'),
    source_alert_id: field(Text, 'G', 'Groups alerts that have one cause'),
    reported: field(CalendarDate, 'G', 'When reported'),
    reported_to: field(Text, 'G', 'Body it was reported to, such as GIDEP'),
    resolution: field(Text, 'R', 'How it was resolved'),
    original_alert: field(Text, 'G', 'Alert of another nation that this one repeats'),
    affected_units: field(Texts, 'N', 'Units that hold the item'),
  },
})
