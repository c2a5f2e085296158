import { GroupCode, isNation, Nation, parseLabel } from '@entente/schema'
import { expect, test } from 'vitest'
import { PolicyDocument } from '../../src/document.ts'
import { parseUsMarking } from '../../src/labels/capco-marking.ts'
import { documentWith } from '../fixtures.ts'
import { describeVectors, labelVector } from './vectors.ts'

interface Traps {
  readonly odniRelTo: {
    readonly values: number
    readonly threeLetter: number
    readonly inOdniNotIso: readonly string[]
    readonly threeLetterButNotACountry: readonly string[]
    readonly notFourLetters: readonly string[]
    readonly isoNotInOdni: readonly string[]
  }
  readonly natoSpif2015: { readonly threeLetter: number; readonly notIso: readonly string[] }
}

/**
 * The ways by which a code becomes a nation. A label is not one: it may name whoever its origin names, and what is no nation is never
 * a recipient (`import map check` names such names).
 */
const taken = (code: string) => [
  isNation(code),
  Nation.safeParse(code).success,
  parseUsMarking(`S//REL TO USA, ${code}`).ok,
  PolicyDocument.safeParse({ ...documentWith(), ceilings: { [code]: 'SECRET' } }).success,
]
const all = [true, true, true, true]
const noneOf = [false, false, false, false]

describeVectors('codes', 48, (ran) => {
  const { odniRelTo, natoSpif2015 } = JSON.parse(labelVector('codes/code-list-traps.json')) as Traps
  const odni = (
    JSON.parse(labelVector('odni-ism/CVEnumISMCATRelTo.json')) as {
      CVE: { Enumeration: { Term: readonly { Value: { text: string } }[] } }
    }
  ).CVE.Enumeration.Term.map(({ Value }) => Value.text)

  test.each([
    ...odniRelTo.inOdniNotIso,
    ...odniRelTo.threeLetterButNotACountry,
    ...natoSpif2015.notIso,
  ])('%s has three letters and is no nation', (code) => {
    expect(taken(code)).toEqual(noneOf)
    expect(parseLabel(`SECRET//REL TO ${code}`)).toMatchObject({ ok: true })
    ran()
  })

  test.each(odniRelTo.isoNotInOdni)('%s is of ISO 3166-1, though not of the US list', (code) => {
    expect(taken(code)).toEqual(all)
    ran()
  })

  test.each(odniRelTo.notFourLetters.filter((code) => !code.includes(':')))(
    '%s is no nation, and a group only if it has four characters or more',
    (code) => {
      expect(isNation(code)).toBe(false)
      expect(GroupCode.safeParse(code).success).toBe(code.length >= 4)
      ran()
    },
  )

  test('the open pattern NATO:… is no code', () => {
    expect(GroupCode.safeParse('NATO:KFOR').success).toBe(false)
    expect(parseLabel('SECRET//REL TO NATO:KFOR').ok).toBe(false)
  })

  test('all other three-letter values of the US list are nations, and none else', () => {
    const three = odni.filter((code) => /^[A-Z]{3}$/.test(code))
    const traps = [...odniRelTo.inOdniNotIso, ...odniRelTo.threeLetterButNotACountry]
    // Without the pattern, which is no value.
    expect(odni.filter((code) => !code.includes(':'))).toHaveLength(odniRelTo.values)
    expect(three).toHaveLength(odniRelTo.threeLetter)
    expect(three.filter((code) => !isNation(code)).sort()).toEqual([...traps].sort())
  })

  test('of the codes in NATO’s policy of 2015 those that the vectors name are no nations', () => {
    const xml = labelVector('nato-4774/nato-4774-policy.xml')
    const names = [...xml.matchAll(/<spif:tagCategory name="([A-Z]{3})"/g)].map(
      ([, name = '']) => name,
    )
    const three = [...new Set(names)]
    expect(three).toHaveLength(natoSpif2015.threeLetter)
    expect(three.filter((code) => !isNation(code)).sort()).toEqual([...natoSpif2015.notIso].sort())
  })
})
