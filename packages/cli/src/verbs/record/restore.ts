import type { ShownRecord } from '@entente/node'
import { canonicalJson, type DataRecord } from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { findRecord } from '../../find-record.ts'
import { clean } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const recordRestoreVerb = defineVerb({
  name: 'record restore',
  arguments: '<record>',
  purpose:
    'Take back a withdrawal, or go back to what a record said after one of its changes. No label gets wider.',
  options: [
    { flags: '--to <n>', purpose: 'change to go back to, as record history counts them' },
    { flags: '--author <name>', purpose: 'who restores it (else the user)' },
    { flags: '--reason <text>', purpose: 'why' },
  ],
  example: 'record restore MK-58 --to 2 --reason "the letter was about another item"',
  where: 'in the demo, at the USA’s node',
  next: 'entente record history RECORD',
  input: z.strictObject({
    record: z.string(),
    to: z.coerce.number().int().min(1).optional(),
    author: z.string().min(1).optional(),
    reason: z.string({ error: 'say why with --reason' }).min(1),
  }),
  run: async ({ atNode, io }, { record, to, author = io.userName, reason }) => {
    const { before, restored } = await atNode(async (api) => {
      const id = await findRecord(api, record, { own: true })
      const before = await api.recordShow(id)
      if (to === undefined && before.status !== 'withdrawn')
        throw new CliError(
          'USAGE',
          `${before.title} is not withdrawn; name a change to go back to with --to, as entente record history counts them`,
        )
      const request = { id, ...(to !== undefined && { to }), author, reason }
      return { before, restored: await api.recordRestore(request) }
    })
    const touched = differing(before, restored)
    return {
      json: { record: restored, changed: touched },
      text:
        touched.length === 0
          ? `nothing to restore: ${clean(restored.id)} says that already`
          : `restored ${clean(restored.id)}: ${touched.join(', ')}`,
    }
  },
})

/** Facts and fields of a record that are not as they were. */
function differing(before: ShownRecord, after: DataRecord): readonly string[] {
  const facts = before.envelope === undefined ? [] : changed(before.envelope, after.envelope)
  const said = ({ fields }: Pick<DataRecord, 'fields'> | ShownRecord) =>
    Object.fromEntries(
      Object.entries(fields).map(([name, { value, label }]) => [name, [value, label ?? null]]),
    )
  return [...facts, ...changed(said(before), said(after))]
}

const changed = (before: object, after: object): readonly string[] => {
  const [was, is] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  return [...new Set([...was.keys(), ...is.keys()])].filter(
    (name) => canonicalJson(was.get(name) ?? null) !== canonicalJson(is.get(name) ?? null),
  )
}
