import type { QueueItem, QueueShown } from '@entente/node'
import { z } from 'zod'
import { CliError } from '../cli-error.ts'

/** Which of what waits is meant: by id, or all that a filter leaves. */
export const pickInput = {
  id: z.array(z.string()).default([]),
  all: z.boolean().default(false),
  record: z.string().optional(),
  nation: z.string().optional(),
  dataset: z.string().optional(),
  confirm: z.coerce.number().int().min(0).optional(),
}

export const filterOptions = [
  { flags: '--record <id>', purpose: 'only of this record' },
  { flags: '--nation <nation>', purpose: 'only for this nation' },
  { flags: '--dataset <name>', purpose: 'only of this dataset' },
] as const

export const pickOptions = [
  { flags: '--all', purpose: 'all that waits, or that these leave:' },
  ...filterOptions,
  { flags: '--confirm <n>', purpose: 'do it, if --all are so many; else they are only shown' },
] as const

interface Pick {
  readonly id: readonly string[]
  readonly all: boolean
  readonly record?: string | undefined
  readonly nation?: string | undefined
  readonly dataset?: string | undefined
  readonly confirm?: number | undefined
}

/** What a node is asked for. */
export const filterOf = ({ record, nation, dataset }: Omit<Pick, 'id' | 'all'>) => ({
  ...(record !== undefined && { record }),
  ...(nation !== undefined && { recipient: nation }),
  ...(dataset !== undefined && { dataset }),
})

/**
 * The items meant. Ids may be shortened to what names one item; `--all` takes what waits or is put aside.
 * @returns `shown`: they were asked for with `--all`, and not confirmed
 * @throws {CliError} `USAGE`, `APPROVAL_UNKNOWN`, `SELECTION_CHANGED`
 */
export function pickItems(
  { items }: QueueShown,
  pick: Pick,
): { readonly items: readonly QueueItem[]; readonly shown: boolean } {
  const { id: ids, all, record, nation, dataset, confirm } = pick
  if (all === ids.length > 0)
    throw new CliError('USAGE', 'name what you mean by its id from entente release queue, or --all')
  if (!all) return { items: ids.map((id) => named(items, id)), shown: false }
  const meant = items.filter(
    ({ state, subject, dataset: of }) =>
      (state === 'waiting' || state === 'held') &&
      (record === undefined || subject.record === record) &&
      (nation === undefined || subject.recipient === nation) &&
      (dataset === undefined || of === dataset),
  )
  if (confirm !== undefined && confirm !== meant.length)
    throw new CliError(
      'SELECTION_CHANGED',
      `${meant.length} wait now, not ${confirm}: look again without --confirm`,
    )
  return { items: meant, shown: confirm === undefined }
}

function named(items: readonly QueueItem[], id: string): QueueItem {
  const [item, ...more] = items.filter((each) => each.id.startsWith(id))
  if (item !== undefined && more.length === 0) return item
  if (item === undefined)
    throw new CliError('APPROVAL_UNKNOWN', `${id} does not wait: see entente release queue`)
  throw new CliError('USAGE', `${id} names ${more.length + 1} that wait: type more of it`)
}
