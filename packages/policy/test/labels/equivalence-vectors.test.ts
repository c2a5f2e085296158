import { type Classification, classifications, rankOf } from '@entente/schema'
import { expect, test } from 'vitest'
import { checkEquivalences } from '../../src/labels/check-equivalences.ts'
import {
  compileEquivalences,
  Equivalence,
  equivalentOf,
  markingsFor,
} from '../../src/labels/equivalence.ts'
import { describeVectors, labelVector } from './vectors.ts'

interface Row {
  readonly code: string
  readonly topSecret: readonly string[]
  readonly secret: readonly string[]
  readonly confidential: readonly string[]
  readonly restricted: readonly string[]
  readonly note: string
}

const when = { atMs: Date.UTC(2026, 9, 1), issuedMs: Date.UTC(2020, 0, 1) }

/** The row as an agreement could say it, with some words moved. */
function agreementOf(row: Row, move: (text: string, level: Classification) => Classification) {
  const levels: Record<Classification, { text: string }[]> = {
    'TOP SECRET': [],
    SECRET: [],
    CONFIDENTIAL: [],
    RESTRICTED: [],
    UNCLASSIFIED: [],
  }
  for (const { text, level } of wordsOf(row)) levels[move(text, level)].push({ text })
  return Equivalence.parse({
    agreement: `exercise with ${row.code}`,
    scheme: row.code,
    from: '2000-01-01',
    levels,
  })
}

const wordsOf = (row: Row): readonly { text: string; level: Classification }[] => [
  ...row.topSecret.map((text) => ({ text, level: 'TOP SECRET' as const })),
  ...row.secret.map((text) => ({ text, level: 'SECRET' as const })),
  ...row.confidential.map((text) => ({ text, level: 'CONFIDENTIAL' as const })),
  ...row.restricted.map((text) => ({ text, level: 'RESTRICTED' as const })),
]

describeVectors('equivalence', 29, (ran) => {
  const { rows } = JSON.parse(labelVector('equivalence/classification-equivalence.json')) as {
    rows: readonly Row[]
  }
  const table = rows.map((row) => agreementOf(row, (_, level) => level))
  const compiled = compileEquivalences(table)

  test('all of them at once are a good table', () => {
    expect(checkEquivalences(table)).toEqual([])
  })

  test.each(rows)('$code: every word is at its level, and each level is marked no lower', (row) => {
    for (const { text, level } of wordsOf(row)) {
      expect(equivalentOf(`${row.code}:${text}`, when, compiled)).toMatchObject({
        ok: true,
        classification: level,
      })
      const said = markingsFor(level, row.code, `exercise with ${row.code}`, when.atMs, compiled)
      expect(said).toMatchObject({ raised: false })
      expect(said?.markings).toContain(text)
    }
    for (const level of classifications) {
      const said = markingsFor(level, row.code, `exercise with ${row.code}`, when.atMs, compiled)
      for (const text of said?.markings ?? []) {
        const back = wordsOf(row).find((word) => word.text === text)?.level
        expect(rankOf(back ?? 'UNCLASSIFIED')).toBeGreaterThanOrEqual(rankOf(level))
      }
    }
    ran()
  })

  test('a word that two schemes have on two rungs is refused where the higher would be read as the lower', () => {
    const met: string[] = []
    for (const row of rows)
      for (const { text, level } of wordsOf(row)) {
        const lower = rows
          .flatMap((other) => wordsOf(other))
          .filter((word) => word.text === text && rankOf(word.level) < rankOf(level))
        for (const friend of lower) {
          const wrong = agreementOf(row, (word, at) => (word === text ? friend.level : at))
          expect(checkEquivalences([wrong]).map(({ code }) => code)).toContain('FALSE_FRIEND')
          met.push(`${row.code} ${text}`)
        }
      }
    expect(met).toEqual(expect.arrayContaining(['ESP RESERVADO', 'ESP SECRETO', 'USA SECRET']))
  })

  test('rows that are noted as false friends are guarded word by word', () => {
    const noted = rows.filter(({ note }) => note.includes('FALSE FRIEND'))
    expect(noted.map(({ code }) => code).sort()).toEqual(['ESP', 'PRT', 'ROU'])
    for (const row of noted)
      for (const { text, level } of wordsOf(row)) {
        if (!new RegExp(`\\b${text}\\b`).test(row.note)) continue
        const lower = classifications[rankOf(level) - 1] ?? 'UNCLASSIFIED'
        const wrong = agreementOf(row, (word, at) => (word === text ? lower : at))
        expect(checkEquivalences([wrong]).map(({ code }) => code)).toContain('FALSE_FRIEND')
      }
  })
})
