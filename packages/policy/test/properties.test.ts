import {
  type Caveat,
  caveats,
  classifications,
  joinLabels,
  type Label,
  rankOf,
} from '@entente/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkPolicy } from '../src/check.ts'
import { compilePolicy, withRegister } from '../src/compile.ts'
import { composeFragment, openComposer } from '../src/compose.ts'
import { type Decision, decide, levelOf } from '../src/decide.ts'
import { createDecider } from '../src/decider.ts'
import { levels } from '../src/levels.ts'
import { compileRegister } from '../src/register/compile.ts'
import type { RegisterDocument } from '../src/register/document.ts'
import { document, label, policy, question, register, relabel } from './arbitrary.ts'
import { assertOften } from './enough.ts'

const runs = { numRuns: 1000 }
const key = new Uint8Array(32).fill(7)

/** How much is withheld: 0 nothing, 3 everything. */
const withheld = (decision: Decision) => levels.indexOf(levelOf(decision))

/** Random labels are mostly denied: without a share of releases a property would hold of nothing. */
function holdsOften<T extends readonly unknown[]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  check: (...values: T) => boolean,
): void {
  let released = 0
  const property = fc.property(
    ...(arbitraries as unknown as [fc.Arbitrary<T[number]>]),
    (...values) => {
      if (check(...(values as unknown as T))) released++
    },
  )
  assertOften(property, { met: () => released, few: 20, ...runs })
}

test('the generated policies may be signed', () => {
  fc.assert(
    fc.property(document, (d) => {
      expect(checkPolicy(d).filter(({ code }) => code !== 'NO_BAND')).toEqual([])
    }),
    { numRuns: 200 },
  )
})

test('the generated questions meet every effect', () => {
  const seen = { approve: 0, deny: 0, permit: 0, transform: 0 }
  assertOften(
    fc.property(policy, question, (p, q) => {
      seen[decide(q, p).effect]++
    }),
    { met: () => Math.min(...Object.values(seen)), few: 3, ...runs },
  )
})

test('adding a caveat never gains access', () => {
  holdsOften([policy, question, fc.constantFrom<Caveat>(...caveats)], (p, q, caveat) => {
    const before = withheld(decide(q, p))
    const stricter = relabel(q, (l) => ({
      ...l,
      caveats: [...new Set([...l.caveats, caveat])].sort(),
    }))
    expect(withheld(decide(stricter, p))).toBeGreaterThanOrEqual(before)
    return before < 3
  })
})

test('raising the classification never gains access', () => {
  holdsOften([policy, question], (p, q) => {
    const before = withheld(decide(q, p))
    const higher = relabel(q, (l) => ({
      ...l,
      classification: classifications[rankOf(l.classification) + 1] ?? l.classification,
    }))
    expect(withheld(decide(higher, p))).toBeGreaterThanOrEqual(before)
    return before < 3
  })
})

test('removing a nation or group from REL TO never gains access', () => {
  holdsOften([policy, question, fc.nat()], (p, q, nth) => {
    const before = withheld(decide(q, p))
    const narrower = relabel(q, (l) => ({
      ...l,
      releasableTo: l.releasableTo.filter((_, i) => i !== nth % l.releasableTo.length),
    }))
    expect(withheld(decide(narrower, p))).toBeGreaterThanOrEqual(before)
    return before < 3
  })
})

test('joining a label with any other never gains access', () => {
  holdsOften([policy, question, label], (p, q, other) => {
    const before = withheld(decide(q, p))
    expect(
      withheld(
        decide(
          relabel(q, (l) => joinLabels(l, other)),
          p,
        ),
      ),
    ).toBeGreaterThanOrEqual(before)
    return before < 3
  })
})

test('lowering or removing a ceiling never gains access', () => {
  holdsOften([document, question, fc.boolean()], (d, q, remove) => {
    const before = withheld(decide(q, compilePolicy(d)))
    const { [q.recipient]: ceiling, ...others } = d.ceilings
    const lower = classifications[rankOf(ceiling ?? 'UNCLASSIFIED') - 1]
    const ceilings = remove || lower === undefined ? others : { ...others, [q.recipient]: lower }
    expect(withheld(decide(q, compilePolicy({ ...d, ceilings })))).toBeGreaterThanOrEqual(before)
    return before < 3
  })
})

test('leaving a group never gains access', () => {
  holdsOften([document, question, fc.constantFrom('AUKUS', 'NATO', 'PARTNERS')], (d, q, group) => {
    // Without limits of roles, as without transforms: a row that holds back does so only for whom it matches.
    const releasing = d.rules.flatMap((row) => {
      if (row.effect !== 'permit') return []
      const { roles: _, ...unlimited } = row
      return [unlimited]
    })
    const full = { ...d, rules: releasing }
    const before = withheld(decide(q, compilePolicy(full)))
    const stays = (d.groups[group] ?? []).filter(({ nation }) => nation !== q.recipient)
    const left = compilePolicy({ ...full, groups: { ...d.groups, [group]: stays } })
    expect(withheld(decide(q, left))).toBeGreaterThanOrEqual(before)
    return before < 3
  })
})

test('taking an agreement out of the register never gains access', () => {
  holdsOften([document, register, question, fc.nat(1)], (d, r, q, gone) => {
    const under = (given: RegisterDocument) =>
      withheld(decide(q, withRegister(compilePolicy(d), compileRegister(given))))
    const before = under(r)
    const less = { ...r, agreements: r.agreements.filter((_, i) => i !== gone) }
    expect(under(less)).toBeGreaterThanOrEqual(before)
    return before < 3
  })
})

test('lowering the ceiling of an agreement never gains access', () => {
  holdsOften([document, register, question, fc.nat(1)], (d, r, q, lowered) => {
    const under = (given: RegisterDocument) =>
      withheld(decide(q, withRegister(compilePolicy(d), compileRegister(given))))
    const before = under(r)
    const agreements = r.agreements.map((agreement, i) =>
      i === lowered
        ? {
            ...agreement,
            ceiling: classifications[rankOf(agreement.ceiling) - 1] ?? 'UNCLASSIFIED',
          }
        : agreement,
    )
    expect(under({ ...r, agreements })).toBeGreaterThanOrEqual(before)
    return before < 3
  })
})

test('an empty REL TO, and a policy without rules, deny everyone', () => {
  fc.assert(
    fc.property(document, question, (d, q) => {
      const nobody = relabel(q, (l) => ({ ...l, releasableTo: [] }))
      expect(decide(nobody, compilePolicy(d)).effect).toBe('deny')
      const mute = decide(q, compilePolicy({ ...d, rules: [] })).effect
      expect(['deny', 'approve']).toContain(mute)
    }),
    runs,
  )
})

test('the order of the rows means nothing', () => {
  fc.assert(
    fc.property(document, question, fc.infiniteStream(fc.nat()), (d, q, order) => {
      const keyed = d.rules.map((row) => ({ row, by: order.next().value }))
      const rules = keyed.sort((a, b) => a.by - b.by).map(({ row }) => row)
      expect(decide(q, compilePolicy({ ...d, rules }))).toEqual(decide(q, compilePolicy(d)))
    }),
    runs,
  )
})

test('the answer holds until validUntil, and changes there', () => {
  fc.assert(
    fc.property(policy, question, (p, q) => {
      const now = decide(q, p)
      const { validUntil } = now
      for (const cut of p.cuts) {
        if (cut <= q.atMs) continue
        const then = decide({ ...q, atMs: cut }, p)
        const same =
          then.effect === now.effect &&
          then.authority === now.authority &&
          then.roles?.join() === now.roles?.join() &&
          levelOf(then) === levelOf(now)
        if (validUntil === null || cut < validUntil) expect(same).toBe(true)
        else if (cut === validUntil) expect(same).toBe(false)
      }
    }),
    runs,
  )
})

test('a decider with a memory answers as one without', () => {
  fc.assert(
    fc.property(policy, fc.array(question, { minLength: 1, maxLength: 12 }), (p, questions) => {
      const decider = createDecider(p)
      for (const q of [...questions, ...questions]) expect(decider.decide(q)).toEqual(decide(q, p))
    }),
    { numRuns: 500 },
  )
})

test('a fragment holds what decisions release, and no trace of anything else', () => {
  holdsOften([policy, question], (p, q) => {
    const secrets = { recordKey: key }
    const made = composeFragment(q, createDecider(p), secrets)
    expect(composeFragment(q, createDecider(p), secrets)).toEqual(made)
    const text = JSON.stringify(made.fragment)
    for (const [name, decision] of made.decisions) {
      if (made.fields.includes(name)) expect(withheld(decision)).toBeLessThan(3)
      else {
        expect(text).not.toContain(`"${name}"`)
        const value = q.record.fields[name]?.value
        if (typeof value === 'string') expect(text).not.toContain(value)
      }
    }
    if (made.fragment !== null) expect(made.levels).toMatchObject({ title: 'exact' })
    return made.fragment !== null
  })
})

test('a record composed for many nations gives each what it gets alone', () => {
  fc.assert(
    fc.property(policy, fc.array(question, { minLength: 1, maxLength: 6 }), (p, questions) => {
      const [{ record }] = questions as [(typeof questions)[number]]
      const decider = createDecider(p)
      const compose = openComposer(record, decider, { recordKey: key })
      for (const { recipient, purpose, atMs, sender } of [...questions, ...questions]) {
        const asked = { recipient, purpose, atMs, sender }
        const alone = composeFragment({ ...asked, record }, createDecider(p), { recordKey: key })
        expect(compose(asked)).toEqual(alone)
      }
    }),
    { numRuns: 150 },
  )
})

test('label joining is idempotent, commutative and associative', () => {
  fc.assert(
    fc.property(label, label, label, (a: Label, b: Label, c: Label) => {
      expect(joinLabels(a, a)).toEqual(a)
      expect(joinLabels(a, b)).toEqual(joinLabels(b, a))
      expect(joinLabels(joinLabels(a, b), c)).toEqual(joinLabels(a, joinLabels(b, c)))
    }),
    runs,
  )
})
