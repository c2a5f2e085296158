import { expect, test } from 'vitest'
import { checkSpif, Spif } from '../../src/labels/spif.ts'
import { decideAccess, problemsOf, translateLabel } from '../../src/labels/spif-gate.ts'
import { excludedFrom } from './exclusions.ts'
import { policyNamed, readClearance, readLabel, readSequences, readSpif } from './read-spif.ts'
import { describeVectors, labelVector } from './vectors.ts'

const at = (file: unknown) => labelVector(`nato-4774/${String(file)}`)

describeVectors('nato-4774', 24, (ran) => {
  const left = new Set<string>()
  const met = { permit: 0, deny: 0, valid: 0, invalid: 0, refused: 0 }

  readSequences(at('tests.xml')).forEach(({ policies, tests }, sequence) => {
    const open: Spif[] = []
    for (const { spif, exception } of policies) {
      const issues = checkSpif(readSpif(at(spif)))
      if (exception === undefined) {
        test(`${spif} is a policy`, () => expect(issues).toEqual([]))
        if (issues.length === 0) open.push(Spif.parse(readSpif(at(spif))))
        continue
      }
      test(`${spif} is refused: ${exception}`, () => {
        expect(issues.map(({ code }) => code)).toContain('DUPLICATE_EXCLUDED')
        met.refused++
        ran()
      })
    }
    tests.forEach((wanted, nth) => {
      const name = `${sequence + 1}.${nth + 1}`
      for (const what of ['exception', 'label-marking', 'clearance-marking', 'encrypt-marking'])
        if (wanted[what] !== undefined) left.add(`${name} ${what}`)
      if (wanted['exception'] !== undefined) return
      test(`${name} ${wanted['label']} is judged as expected`, () => {
        const xml = at(wanted['label'])
        const named = policyNamed(xml)
        const spif = open.find((each) => each.id === named || each.name === named)
        if (spif === undefined) throw new Error(`no policy ${named}`)
        const label = readLabel(xml, spif)
        const valid = problemsOf(label, spif).length === 0
        if (wanted['valid'] !== undefined) expect(valid).toBe(wanted['valid'] === 'true')
        met[valid ? 'valid' : 'invalid']++
        const other = open.find(({ id }) => id === wanted['encrypt'])
        const said = other === undefined ? null : translateLabel(label, spif, other)
        if (said !== null) expect(said).toMatchObject({ ok: true })
        const judged = said?.ok === true ? said.label : label
        if (wanted['acdf-result'] !== undefined) {
          const { effect } = decideAccess(
            judged,
            readClearance(at(wanted['clearance'])),
            other ?? spif,
          )
          expect(effect).toBe(wanted['acdf-result'] === '1' ? 'permit' : 'deny')
          met[effect]++
        }
        ran()
      })
    })
  })

  test('every outcome was met', () => {
    expect(Object.values(met).every((count) => count > 0)).toBe(true)
  })

  test('exactly what exclusions.md lists is left out', () => {
    expect([...left].sort()).toEqual(excludedFrom('nato-4774'))
  })
})
