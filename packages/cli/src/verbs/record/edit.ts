import { type NodeApi, type RecordEdit, readSigner } from '@entente/node'
import {
  digestOf,
  type LabelOrder,
  labelOrderType,
  labelsOrdered,
  signJws,
  valuesOrdered,
} from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { envelopeInput, envelopeOf, envelopeOptions } from '../../envelope-options.ts'
import { parseFields, parseLabels, sayingHow } from '../../fields.ts'
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
    ...envelopeOptions,
    {
      flags: '--key <file>',
      purpose: 'key of a policy authority (PEM) who signs for a wider label',
      repeat: true,
    },
    { flags: '--author <name>', purpose: 'who changes it (else the user)' },
    { flags: '--reason <text>', purpose: 'why' },
  ],
  example: 'record edit MK-58 --set item_code=A5010 --reason "supplier letter"',
  where: 'in the demo, at the USA’s node',
  next: 'entente release preview; a live dataset goes by itself',
  input: z.strictObject({
    record: z.string(),
    set: z.array(z.string()).default([]),
    label: z.array(z.string()).default([]),
    unset: z.array(z.string()).default([]),
    ...envelopeInput,
    key: z.array(z.string()).default([]),
    author: z.string().min(1).optional(),
    reason: z.string({ error: 'say why with --reason' }).min(1),
  }),
  run: async ({ atNode, io }, { record, set, label, unset, key, author, reason, ...about }) => {
    const values = parseFields(set)
    const labels = parseLabels(label)
    const names = [...new Set([...Object.keys(values), ...Object.keys(labels)])]
    const changes = Object.fromEntries(
      names.map((name) => {
        const value = values[name]
        const given = labels[name]
        return [
          name,
          { ...(value !== undefined && { value }), ...(given !== undefined && { label: given }) },
        ] as const
      }),
    )
    const envelope = envelopeOf(about)
    const touched = [...names, ...unset, ...Object.keys(envelope ?? {})]
    if (touched.length === 0)
      throw new CliError('USAGE', 'say what to change, with --set, --label, --unset, --status …')
    const change = async (api: NodeApi) => {
      const id = await findRecord(api, record, { own: true })
      return api.recordEdit({
        id,
        set: changes,
        unset,
        ...(envelope && { envelope }),
        ...(key.length > 0 && { order: await orderFor(api, id, changes, reason, key) }),
        author: author ?? io.userName,
        reason,
      })
    }
    const edited = await sayingHow(set, () => atNode(change))
    return { json: { record: edited }, text: `changed ${clean(edited.id)}: ${touched.join(', ')}` }
  },
})

/** Signs for labels of a record as it stands; the keys are read here and never go to the node. */
async function orderFor(
  api: NodeApi,
  id: string,
  set: NonNullable<RecordEdit['set']>,
  reason: string,
  keys: readonly string[],
) {
  const base = await api.recordBase(id)
  const { fields } = await api.recordShow(id)
  const order: LabelOrder = {
    nation: api.nation,
    record: id,
    base,
    labels: labelsOrdered(set),
    values: digestOf(valuesOrdered(fields, set)),
    reason,
  }
  const signatures = keys.map((key) => signJws(labelOrderType, order, readSigner(key).sign))
  return { base, signatures }
}
