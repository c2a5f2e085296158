import type { Answer } from '@entente/node'
import type { Json } from '@entente/schema'
import type { Expected } from './examples.ts'

export interface Answers {
  readonly sources: Answer
  readonly secondSources: Answer
  readonly why: Json
}

interface Difference {
  readonly field: string
  readonly level: string
}

/** Compares the three answers with those worked out by hand from the sources. @returns what differs */
export function checkAnswers(answers: Answers, expected: Expected): string[] {
  return [
    ...same(
      'ask sources cobalt',
      sourcesOf(answers.sources),
      expected.sources.rows.map(sourceKey).sort(),
    ),
    ...same(
      'ask sources cobalt, counted',
      answers.sources.rows.filter((row) => row.counted).length,
      expected.sources.counted,
    ),
    ...same(
      'ask second-sources',
      secondSourcesOf(answers.secondSources),
      expectedSecondSources(expected),
    ),
    ...same('why NOR, not GBR', levelsOf(answers.why), expected.why.fields),
  ]
}

function same(what: string, ours: unknown, theirs: unknown): string[] {
  const [a, b] = [sortedJson(ours), sortedJson(theirs)]
  return a === b ? [] : [`${what}: answered ${a}, worked out by hand ${b}`]
}

type SourceRow = {
  name: string
  nation: string
  place: string
  status: string
  counted: boolean
  marks: readonly string[]
}
const sourceKey = (row: SourceRow): string =>
  JSON.stringify([row.nation, row.name, row.place, row.status, row.counted, [...row.marks].sort()])

function sourcesOf({ rows }: Answer): string[] {
  return rows
    .map(({ title, originator, cells, counted, marks }) =>
      sourceKey({
        name: title,
        nation: originator,
        place: cells['place'] ?? '',
        status: cells['operating'] ?? '',
        counted,
        marks,
      }),
    )
    .sort()
}

function secondSourcesOf({ rows }: Answer): string[] {
  return [
    ...new Set(
      rows.map(({ originator, cells, marks }) =>
        JSON.stringify([
          cells['item'],
          cells['ours'],
          cells['supplier'],
          originator,
          cells['candidate'],
          cells['place'],
          cells['title'],
          marks[0],
        ]),
      ),
    ),
  ].sort()
}

function expectedSecondSources(expected: Expected): string[] {
  return expected['second-sources'].rows
    .flatMap((row) =>
      row.candidates.map((candidate) =>
        JSON.stringify([
          row.item_code,
          row.title,
          row.supplier,
          candidate.nation,
          candidate.supplier,
          candidate.place,
          candidate.title,
          candidate.state,
        ]),
      ),
    )
    .sort()
}

/** What each of the two nations gets of every field, in the words of the expected answer. */
function levelsOf(why: Json): unknown {
  const { fields, differences } = (why ?? { fields: [], differences: [] }) as unknown as {
    readonly fields: readonly Difference[]
    readonly differences: readonly { readonly field: string; readonly compare: string }[]
  }
  const others = new Map(differences.map(({ field, compare }) => [field, compare]))
  const word = (level: string) =>
    level === 'exact' ? 'exact' : level === 'redact' ? 'withheld' : 'banded'
  return Object.fromEntries(
    fields.map(({ field, level }) => [
      field,
      { NOR: word(level), GBR: word(others.get(field) ?? level) },
    ]),
  )
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
}
