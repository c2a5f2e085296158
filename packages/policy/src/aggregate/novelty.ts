import type { RecordId } from '@entente/schema'

/**
 * What a publication used of one contributor, by digests: who it is, what all its records in the cell said together, and what each said.
 */
export interface Mark {
  readonly contributor: string
  readonly total: string
  readonly records: readonly (readonly [record: RecordId, value: string])[]
}

/** One publication of one cell: it is kept for ever, because whoever received it may keep it. */
export interface Published {
  readonly cell: string
  readonly marks: readonly Mark[]
}

/**
 * Contributors who bring something new into a cell: their total was never published there, and at least one of their records says what was
 * never published there of them, nor anywhere of that record: it may have moved from another cell, or its maker got another name.
 *
 * If each publication has k of them, every sum and difference of publications, however weighted, holds values of k contributors or
 * more: of those that it uses, take the last one; what was new in it stands in no earlier one, so nothing cancels it. Comparing only with
 * the publication before would not do: values that come back let an older one be subtracted.
 */
export function newContributors(
  cell: string,
  marks: readonly Mark[],
  history: readonly Published[],
): readonly string[] {
  const seen = new Set<string>()
  for (const published of history)
    for (const { contributor, total, records } of published.marks) {
      if (published.cell === cell) seen.add(join(contributor, total))
      for (const [record, value] of records) {
        seen.add(join(record, value))
        if (published.cell === cell) seen.add(join(contributor, value))
      }
    }
  return marks
    .filter(
      ({ contributor, total, records }) =>
        !seen.has(join(contributor, total)) &&
        records.some(
          ([record, value]) =>
            !seen.has(join(contributor, value)) && !seen.has(join(record, value)),
        ),
    )
    .map(({ contributor }) => contributor)
}

/** How many contributors came, went, or say something else than in a publication. */
export function changedSince(marks: readonly Mark[], before: readonly Mark[]): number {
  const was = new Map(before.map((mark) => [mark.contributor, mark]))
  const now = new Set(marks.map(({ contributor }) => contributor))
  const other = marks.filter((mark) => !isSame(mark, was.get(mark.contributor)))
  return other.length + before.filter(({ contributor }) => !now.has(contributor)).length
}

const isSame = (a: Mark, b: Mark | undefined): boolean =>
  b !== undefined && a.total === b.total && valuesOf(a) === valuesOf(b)

const valuesOf = ({ records }: Mark): string =>
  records
    .map(([, value]) => value)
    .sort()
    .join()

const join = (a: string, b: string): string => `${a} ${b}`
