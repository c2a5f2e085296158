import { TextDecoder } from 'node:util'
import { maxColumns, maxSheetRows } from '../limits.ts'
import type { MergedRange } from './message.ts'
import { encodingOf } from './walk-xml.ts'
import { damaged, WorkbookError } from './workbook-error.ts'

/** More than a sheet has that is made by hand. */
const maxRanges = 1 << 16

/** Characters of a tag of this kind, with room to spare. */
const maxTagChars = 1 << 12

/**
 * The merged ranges of a sheet. They stand behind its rows, so all of the sheet is gone through, but only for these
 * tags: `<` stands in no text. Nothing else of it is kept.
 * @throws {WorkbookError} `NOT_A_WORKBOOK`, `FILE_TOO_LARGE`
 * @see ECMA-376 part 1, section 18.3.1.54
 */
export async function readMerges(
  bytes: AsyncIterable<Uint8Array>,
): Promise<readonly MergedRange[]> {
  const ranges: MergedRange[] = []
  let decoder: TextDecoder | undefined
  let text = ''
  for await (const chunk of bytes) {
    decoder ??= new TextDecoder(encodingOf(chunk))
    text += decoder.decode(chunk, { stream: true })
    for (const [tag] of text.matchAll(mergeTag)) ranges.push(...rangeOf(tag))
    if (ranges.length > maxRanges)
      throw new WorkbookError(
        'FILE_TOO_LARGE',
        `its sheet has more than ${maxRanges} merged ranges; unmerge them, or save the sheet as CSV`,
      )
    text = unfinishedTag(text)
  }
  return ranges
}

const mergeTag = /<(?:[\w.-]+:)?mergeCell\s[^<>]*>/g

/** The tag at the end of a text that may go on behind it. */
function unfinishedTag(text: string): string {
  const start = text.lastIndexOf('<')
  const unfinished = start !== -1 && !text.includes('>', start)
  return unfinished && text.length - start <= maxTagChars ? text.slice(start) : ''
}

/** The range of a tag; none for one of a single cell. */
function rangeOf(tag: string): readonly MergedRange[] {
  const ref = (/\sref\s*=\s*["']([^"']*)["']/.exec(tag)?.[1] ?? '').replaceAll('$', '')
  const parts = /^([A-Z]{1,3})([1-9]\d{0,6})(?::([A-Z]{1,3})([1-9]\d{0,6}))?$/.exec(ref)
  if (parts === null)
    throw damaged(`its merged cells ${JSON.stringify(ref.slice(0, 60))} are no range`)
  const [, from = '', top = '', to = from, bottom = top] = parts
  const range = {
    ref,
    top: Number(top),
    left: columnOf(from),
    bottom: Number(bottom),
    right: columnOf(to),
  }
  if (
    range.bottom < range.top ||
    range.right < range.left ||
    range.bottom > maxSheetRows ||
    range.right >= maxColumns
  )
    throw damaged(`its merged cells ${ref} are no range`)
  return range.top === range.bottom && range.left === range.right ? [] : [range]
}

const columnOf = (letters: string): number =>
  [...letters].reduce((column, letter) => column * 26 + letter.charCodeAt(0) - 64, 0) - 1
