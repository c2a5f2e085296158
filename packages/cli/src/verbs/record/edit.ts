import { z } from 'zod'
import { parseFields, parseLabels } from '../../fields.ts'
import { findRecord } from '../../find-record.ts'
import { clean } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const recordEditVerb = defineVerb({
  name: 'record edit',
  arguments: '<record>',
  purpose: 'Change fields or labels of an own record, named by id, title or NSN.',
  options: [
    { flags: '--set <field>', purpose: 'name=text or name:=JSON', repeat: true },
    { flags: '--label <field>', purpose: 'name=RESTRICTED//REL TO NOR', repeat: true },
    { flags: '--unset <field>', purpose: 'field to remove', repeat: true },
    { flags: '--author <name>', purpose: 'who changes it (else the user)' },
    { flags: '--reason <text>', purpose: 'why' },
  ],
  example: 'record edit MK-58 --set item_code=A5010 --reason "supplier letter"',
  next: 'entente release preview; a live dataset goes by itself',
  input: z.strictObject({
    record: z.string(),
    set: z.array(z.string()).default([]),
    label: z.array(z.string()).default([]),
    unset: z.array(z.string()).default([]),
    author: z.string().min(1).optional(),
    reason: z.string({ error: 'say why with --reason' }).min(1),
  }),
  run: async ({ atNode, io }, { record, set, label, unset, author = io.userName, reason }) => {
    const values = parseFields(set)
    const labels = parseLabels(label)
    const names = [...new Set([...Object.keys(values), ...Object.keys(labels)])]
    const changes = names.map((name) => {
      const value = values[name]
      const given = labels[name]
      return [
        name,
        { ...(value !== undefined && { value }), ...(given !== undefined && { label: given }) },
      ] as const
    })
    const edited = await atNode(async (api) =>
      api.recordEdit({
        id: await findRecord(api, record, { own: true }),
        set: Object.fromEntries(changes),
        unset,
        author,
        reason,
      }),
    )
    const touched = [...names, ...unset]
    return { json: { record: edited }, text: `changed ${clean(edited.id)}: ${touched.join(', ')}` }
  },
})
