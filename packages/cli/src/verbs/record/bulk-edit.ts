import type { BulkEdited } from '@entente/node'
import { Kind } from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { envelopeInput, envelopeOf, envelopeOptions } from '../../envelope-options.ts'
import { EXIT } from '../../exit-codes.ts'
import { howTyped, parseFields, parseLabels } from '../../fields.ts'
import type { Io } from '../../io.ts'
import { count, formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const recordBulkEditVerb = defineVerb({
  name: 'record bulk-edit',
  purpose:
    'Make the same change to every own record that is selected. Without --confirm it only says which they are.',
  options: [
    { flags: '--kind <kind>', purpose: 'only this kind' },
    { flags: '--dataset <name>', purpose: 'only this dataset' },
    { flags: '--where <condition>', purpose: 'such as supplier~raytheon', repeat: true },
    { flags: '--set <field>', purpose: 'name=text or name:=JSON', repeat: true },
    {
      flags: '--label <field>',
      purpose: 'name=RESTRICTED//REL TO NOR; only narrower',
      repeat: true,
    },
    { flags: '--unset <field>', purpose: 'field to remove', repeat: true },
    ...envelopeOptions.filter(({ flags }) => !flags.startsWith('--jurisdiction')),
    { flags: '--confirm <n>', purpose: 'do it, if so many records are selected' },
    { flags: '--author <name>', purpose: 'who changes them (else the user)' },
    { flags: '--reason <text>', purpose: 'why' },
  ],
  example:
    'record bulk-edit --kind capability --where supplier~raytheon --set owner_contact="Desk 4" --reason "new desk"',
  where: 'in the demo, at the USA’s node',
  next: 'the same with --confirm N; entente release preview',
  input: z.strictObject({
    kind: Kind.optional(),
    dataset: z.string().optional(),
    where: z.array(z.string()).default([]),
    set: z.array(z.string()).default([]),
    label: z.array(z.string()).default([]),
    unset: z.array(z.string()).default([]),
    ...envelopeInput,
    confirm: z.coerce.number().int().min(0).optional(),
    author: z.string().min(1).optional(),
    reason: z.string({ error: 'say why with --reason' }).min(1),
  }),
  run: async ({ atNode, progress, io }, input) => {
    const { kind, dataset, where, set, label, unset, confirm, author, reason, ...about } = input
    const values = parseFields(set)
    const labels = parseLabels(label)
    const names = [...new Set([...Object.keys(values), ...Object.keys(labels)])]
    const changes = names.map((name) => {
      const [value, given] = [values[name], labels[name]]
      return [
        name,
        { ...(value !== undefined && { value }), ...(given !== undefined && { label: given }) },
      ] as const
    })
    const envelope = envelopeOf(about)
    if (names.length + unset.length === 0 && envelope === undefined)
      throw new CliError('USAGE', 'say what to change, with --set, --label, --unset, --status …')
    const edited = await atNode((api) =>
      api.recordBulkEdit(
        {
          select: {
            ...(kind !== undefined && { kind }),
            ...(dataset !== undefined && { dataset }),
            where,
          },
          set: Object.fromEntries(changes),
          unset,
          ...(envelope && { envelope }),
          trial: confirm === undefined,
          ...(confirm !== undefined && { expect: confirm }),
          author: author ?? io.userName,
          reason,
        },
        progress,
      ),
    )
    const [hint] = edited.refused.flatMap((each) => howTyped(set, each.reason) ?? [])
    const failed = edited.selected > 0 && edited.refused.length === edited.selected
    return {
      json: { ...edited, done: confirm !== undefined },
      text: [say(edited, confirm !== undefined, io), ...(hint === undefined ? [] : [hint])].join(
        '\n',
      ),
      exit: failed ? EXIT.usage : EXIT.done,
    }
  },
})

function say(edited: BulkEdited, done: boolean, io: Io): string {
  const { selected, changed, same, refused, examples } = edited
  const figures = `${count(selected, 'record')} selected: ${changed} ${done ? 'changed' : 'would change'}, ${same} the same already, ${refused.length} refused`
  const left = refused.slice(0, 20).map((each) => [each.title, each.code, each.reason, each.id])
  return [
    figures,
    ...(refused.length > 0 ? ['', formatTable(['record', 'code', 'reason', 'id'], left, io)] : []),
    ...(done || selected === 0
      ? []
      : [
          '',
          formatTable(
            ['among them', 'id'],
            examples.map(({ title, id }) => [title, id]),
            io,
          ),
          `Next: the same with --confirm ${selected}`,
        ]),
  ].join('\n')
}
