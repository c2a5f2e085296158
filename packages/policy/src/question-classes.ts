import {
  type Caveat,
  caveats,
  classifications,
  fieldsOf,
  Kind,
  type Label,
  type Nation,
  nations,
  rankOf,
  supplierFieldsOf,
} from '@entente/schema'
import { type Asked, type Confidence, type Moment, plain, questionOf, type Tags } from './asked.ts'
import type { CompiledPolicy } from './compile.ts'
import { formatIsoDate, parseIsoDate } from './dates.ts'
import { type Attribute, Purpose } from './document.ts'
import { openSorts } from './levels.ts'
import { factsOf, recordFactsOf } from './question.ts'
import type { Condition } from './rows.ts'

/** One value that stands for all that neither policy can tell from it. */
export interface Class<T> {
  readonly value: T
  /** All of them, this one included. */
  readonly alike: readonly T[]
}

export interface KindField {
  readonly kind: Kind
  readonly field: string
}

/** Every attribute of a question, cut into what the policies can tell apart. */
export interface QuestionClasses {
  readonly kindFields: readonly Class<KindField>[]
  readonly datasets: readonly Class<string>[]
  readonly confidences: readonly Class<Confidence>[]
  readonly purposes: readonly Class<Purpose>[]
  readonly levels: readonly Class<Label['classification']>[]
  readonly caveats: readonly Class<readonly Caveat[]>[]
  readonly tags: readonly Class<Tags>[]
  readonly origins: readonly Class<readonly Nation[]>[]
  /** False: there are more sets of origins that the policies can tell apart. */
  readonly complete: boolean
  /** Dates of records; null: the day of the question. */
  readonly ages: readonly Class<string | null>[]
  readonly recipients: readonly Class<Nation>[]
  readonly moments: readonly Class<Moment>[]
}

/** Every set of caveats without NOFORN: no policy lets such a field go abroad. */
const caveatSets: readonly (readonly Caveat[])[] = subsetsOf(
  caveats.filter((caveat) => caveat !== 'NOFORN'),
)

/** Cuts each attribute into the classes that rows, ceilings, groups, datasets and bands of these policies tell apart. */
export function classesOf(
  policies: readonly CompiledPolicy[],
  nation: Nation,
  moments: readonly Moment[],
): QuestionClasses {
  const signs = signsOf(policies, nation)
  const signOfField = fieldSigns(policies, nation)
  const ages = classify(agesOf(policies), (asOf) => signOfAge(asOf, policies, moments, nation))
  const named = (attribute: Attribute) => namedIn(policies, attribute)
  const pairs = Kind.options.flatMap((kind) =>
    Object.keys(fieldsOf(kind)).map((field) => ({ kind, field })),
  )
  const freeGrade = grades.find((grade) => !named('confidence').includes(grade))
  const confidences = [undefined, ...named('confidence'), ...(freeGrade ? [freeGrade] : [])]
  const agreements = policies.flatMap(({ register }) => register?.document.agreements ?? [])
  const sortOf = openSorts(policies.flatMap(({ document }) => document.rules))
  const consents = policies.flatMap(({ register }) => register?.document.consents ?? [])
  const origins = originSets(named('origins'), nation, (set) =>
    signs(['origins'], { origins: set }),
  )
  return {
    complete: origins.complete,
    kindFields: classify(pairs, ({ kind, field }) =>
      [
        signOfField(kind, field),
        // A record of a kind that names no supplier lets nothing COMMERCIAL go.
        named('caveats').includes('COMMERCIAL') && Object.keys(supplierFieldsOf(kind)).length > 0,
        ...policies.map(({ bands }) => {
          const type = fieldsOf(kind)[field]?.bandType
          return type !== undefined && bands.has(type)
        }),
        sortOf(kind, field),
      ].join(),
    ),
    datasets: classify([...new Set(policies.flatMap(({ datasets }) => [...datasets]))], (dataset) =>
      [
        signs(['dataset'], { dataset }),
        ...policies.map((policy) => policy.datasets.has(dataset)),
        ...[...agreements, ...consents].map(({ datasets }) => datasets?.includes(dataset)),
      ].join(),
    ),
    confidences: classify(confidences as Confidence[], (confidence) =>
      signs(['confidence'], { confidence }),
    ),
    purposes: classify(Purpose.options, (purpose) =>
      [
        signs(['purpose'], { purpose }),
        ...[...agreements, ...consents].map(({ uses }) => uses.includes(purpose)),
      ].join(),
    ),
    levels: classify(classifications, (level) =>
      [
        signs(['classification'], { level }),
        ...ceilingsOf(policies).map((ceiling) => isWithin(level, ceiling)),
        ...agreements.map(({ ceiling }) => isWithin(level, ceiling)),
      ].join(),
    ),
    // The label gate reads ONLY of members that came after the record.
    caveats: classify(caveatSets, (set) =>
      [signs(['caveats'], { caveats: set }), ages.length > 1 && set.includes('ONLY')].join(),
    ),
    tags: classify(tagSets(policies), (tags) =>
      // Which items an agreement covers is its own affair: no two that it might tell apart are taken for one.
      [signs(['regimes'], { tags }), agreements.length === 0 ? '' : JSON.stringify(tags)].join(),
    ),
    origins: origins.sets.map((set) => ({ value: set, alike: [set] })),
    ages,
    recipients: classify(recipientsOf(policies, nation), (recipient) =>
      [
        signs(['recipient'], { recipient }),
        signs(['releasableTo'], { recipient, releasableTo: [recipient] }),
        ...policies.map(({ ceilings, document: { groups } }) => [
          ceilings.get(recipient) ?? '',
          JSON.stringify(
            Object.entries(groups).map(([code, stays]) => [code, staysOf(recipient, stays)]),
          ),
        ]),
        ...agreements.map(({ parties, territory }) => [
          JSON.stringify(staysOf(recipient, parties)),
          territory?.includes(recipient),
        ]),
        ...consents.map(({ recipients }) => recipients.includes(recipient)),
      ].join('|'),
    ),
    moments: classify(moments, (moment) => signOfMoment(policies, moment, nation)),
  }
}

const staysOf = <T extends { readonly nation: string }>(nation: Nation, stays: readonly T[]) =>
  stays.filter((stay) => stay.nation === nation).map((stay) => ({ ...stay, nation: '' }))

/** Sets of origins that are asked about at most: more than any table that people fill tells apart. */
const mostOriginSets = 256

/**
 * One set of origins for each that the policies tell apart, none first. A condition holds of a set by what it says of each nation in it, so that
 * of sets alike one is enlarged: nations that stand in all the same lists make no set more, however many they are.
 * @param named those that some row names; one that none names is asked about too
 */
function originSets(
  named: readonly Nation[],
  nation: Nation,
  signOf: (set: readonly Nation[]) => string,
): { readonly sets: readonly (readonly Nation[])[]; readonly complete: boolean } {
  const stranger = [...nations.keys()].find((each) => each !== nation && !named.includes(each))
  const bySign = new Map<string, readonly Nation[]>([[signOf([]), []]])
  for (const name of stranger === undefined ? named : [...named, stranger])
    for (const set of [...bySign.values()]) {
      const larger = [...set, name]
      const sign = signOf(larger)
      if (bySign.has(sign)) continue
      if (bySign.size >= mostOriginSets) return { sets: [...bySign.values()], complete: false }
      bySign.set(sign, larger)
    }
  return { sets: [...bySign.values()], complete: true }
}

/** No tag, each regime that a row names, all of them, and each item that an agreement authorises, at its highest value. */
function tagSets(policies: readonly CompiledPolicy[]): readonly Tags[] {
  const regimes = namedIn(policies, 'regimes').map((regime) => ({ regime }) as Tags[number])
  const byAgreement = policies.flatMap(({ register }) =>
    (register?.document.agreements ?? []).map(({ items = [], value }) =>
      items.flatMap(({ regime, codes }) =>
        [undefined, ...(codes ?? [])].map((code): Tags[number] => ({
          regime,
          ...(code !== undefined && { code }),
          ...(value !== undefined && {
            value: { amount: value.atMost, currency: value.currency },
          }),
        })),
      ),
    ),
  )
  const sets = [
    [],
    ...[...regimes, ...byAgreement.flat()].map((tag) => [tag]),
    // A record may be of several items, which one agreement must cover all.
    ...byAgreement.filter(({ length }) => length > 1),
    ...(regimes.length > 1 ? [regimes] : []),
  ]
  return [...new Map(sets.map((tags) => [JSON.stringify(tags), tags])).values()]
}

/** Where memberships differ, records of any age: those of before, and of after, each day on which one begins or ends. */
function agesOf(policies: readonly CompiledPolicy[]): readonly (string | null)[] {
  const tables = policies.map(({ document }) => document.groups)
  if (tables.every((table) => JSON.stringify(table) === JSON.stringify(tables[0]))) return [null]
  const days = policies.flatMap(({ groups }) => groups.cuts).filter(Number.isFinite)
  return [null, '0001-01-01', ...[...new Set(days)].sort((a, b) => a - b).map(formatIsoDate)]
}

/** Which members each group means by a label of that age. @param policies the earlier one first, if there is one */
function signOfAge(
  asOf: string | null,
  policies: readonly CompiledPolicy[],
  moments: readonly Moment[],
  nation: Nation,
): string {
  const asOfMs = asOf === null ? null : (parseIsoDate(asOf) ?? -Infinity)
  return policies
    .flatMap((policy, i) =>
      moments.flatMap(({ beforeMs, afterMs }) => {
        const atMs = i === policies.length - 1 ? afterMs : beforeMs
        return Object.keys(policy.document.groups).flatMap((group) =>
          recipientsOf(policies, nation).map((each) =>
            policy.groups.means(group, each, atMs, asOfMs ?? atMs) ? 1 : 0,
          ),
        )
      }),
    )
    .join('')
}

const grades = [...'ABCDEF'].flatMap((letter) => [...'123456'].map((digit) => letter + digit))

function classify<T>(values: readonly T[], signOf: (value: T) => string): readonly Class<T>[] {
  const classes = new Map<string, T[]>()
  for (const value of values) {
    const sign = signOf(value)
    const alike = classes.get(sign)
    if (alike === undefined) classes.set(sign, [value])
    else alike.push(value)
  }
  return [...classes.values()].map((alike) => ({ value: alike[0] as T, alike }))
}

/** For each field of each kind, what no two fields share that rows, agreements or consents tell apart. */
function fieldSigns(
  policies: readonly CompiledPolicy[],
  nation: Nation,
): (kind: Kind, field: string) => string {
  const signs = signsOf(policies, nation)
  const limits = policies.flatMap(({ register }) => [
    ...(register?.document.agreements ?? []),
    ...(register?.document.consents ?? []),
  ])
  const numbers = new Map<string, string>()
  const known = new Map<Kind, Map<string, string>>()
  return (kind, field) => {
    const ofKind = known.get(kind) ?? new Map<string, string>()
    known.set(kind, ofKind)
    const found = ofKind.get(field)
    if (found !== undefined) return found
    const sign = [
      signs(['kind', 'field'], { kind, field }),
      ...limits.map(({ kinds, fields }) => [kinds?.includes(kind), fields?.includes(field)]),
    ].join()
    const number = numbers.get(sign) ?? String(numbers.size)
    numbers.set(sign, number)
    ofKind.set(field, number)
    return number
  }
}

/** What every condition on some attributes says of a question that is plain but for these. */
function signsOf(policies: readonly CompiledPolicy[], nation: Nation) {
  return (attributes: readonly Attribute[], change: Partial<Asked>): string => {
    const question = questionOf({ ...plain, ...change }, nation, 0)
    const record = recordFactsOf(question.record)
    return policies
      .flatMap((policy) => {
        const facts = factsOf(question, record, policy)
        return conditionsOn(policy, attributes).map(({ holds }) => holds(facts))
      })
      .join()
  }
}

const conditionsOn = ({ rows }: CompiledPolicy, attributes: readonly Attribute[]) =>
  rows.flatMap(({ conditions }) =>
    conditions.filter(({ attribute }) => attributes.includes(attribute)),
  )

/** Values that some condition on an attribute names, sorted. */
export function namedIn(
  policies: readonly CompiledPolicy[],
  attribute: Attribute,
): readonly string[] {
  const wanted = policies.flatMap((policy) =>
    conditionsOn(policy, [attribute]).flatMap((condition: Condition) => condition.wanted),
  )
  return [...new Set(wanted)].sort()
}

/** Nations that may get something: those with a ceiling, but for the nation itself. */
function recipientsOf(policies: readonly CompiledPolicy[], nation: Nation): readonly Nation[] {
  const all = new Set(policies.flatMap(({ ceilings }) => [...ceilings.keys()]))
  return [...all].filter((recipient) => recipient !== nation).sort()
}

const ceilingsOf = (policies: readonly CompiledPolicy[]) => [
  ...new Set(policies.flatMap(({ ceilings }) => [...ceilings.values()])),
]
const isWithin = (level: Label['classification'], ceiling: Label['classification']) =>
  rankOf(level) <= rankOf(ceiling)

/** @param policies the earlier one first, if there is one */
function signOfMoment(
  policies: readonly CompiledPolicy[],
  { beforeMs, afterMs }: Moment,
  nation: Nation,
): string {
  return policies
    .map((policy, i) => {
      const atMs = i === policies.length - 1 ? afterMs : beforeMs
      const question = questionOf(plain, nation, atMs)
      const facts = factsOf(question, recordFactsOf(question.record), policy)
      return [
        policy.fromMs <= atMs && atMs < policy.untilMs,
        ...conditionsOn(policy, ['at']).map(({ holds }) => holds(facts)),
        (policy.register?.cuts ?? []).filter((cut) => cut <= atMs).length,
        ...recipientsOf(policies, nation).map((each) => policy.groups.of(each, atMs).join('+')),
      ].join()
    })
    .join('|')
}

/** Every set of these, of which there must be few; the empty one first, each in the order given. */
export function subsetsOf<T>(names: readonly T[]): readonly (readonly T[])[] {
  let sets: readonly (readonly T[])[] = [[]]
  for (const name of names) sets = sets.concat(sets.map((set) => [...set, name]))
  return sets
}
