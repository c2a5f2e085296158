import { type Compartments, type MarkedList, sortList, type UsMarking } from './capco-marking.ts'
import {
  atomicControls,
  type Control,
  controls,
  expandable,
  type NonIcControl,
  nonIcControls,
  type UsLevel,
  usLevels,
} from './capco-words.ts'

/** A marking that leaves nothing to a banner. */
type Whole = UsMarking & {
  readonly rel: readonly string[] | null
  readonly eyes: readonly string[] | null
}

/** A portion with the lists that it leaves to its banner. What the banner does not say is for nobody. */
export function resolvePortion(portion: UsMarking, banner: UsMarking): UsMarking {
  const { origin, rel, eyes } = portion
  const fill = (own: MarkedList | null, lists: MarkedList | null) =>
    own === 'banner' ? lists : own
  const joint = typeof banner.origin === 'object' && 'joint' in banner.origin ? banner.origin : null
  return {
    ...portion,
    origin:
      typeof origin === 'object' && 'joint' in origin && origin.joint === 'banner' && joint !== null
        ? joint
        : origin,
    rel: fill(rel, banner.rel),
    eyes: fill(eyes, banner.eyes),
  }
}

/**
 * The banner of a page from its portions: the highest level, every control that reaches so far, and the release that all
 * allow. In doubt NOFORN.
 * @param portions at least one, with lists of their own
 * @see ODNI, Register and Manual 2016, section D.2, table 3, and the roll-up rule of each marking
 */
export function rollUp(portions: readonly UsMarking[]): UsMarking {
  const whole = portions.map(
    (portion): Whole => ({ ...portion, rel: own(portion.rel), eyes: own(portion.eyes) }),
  )
  const highest = highestOf(whole)
  const unclassified = highest === 'U'
  const { origin, fgi } = originOf(whole)
  const release = releaseOf(whole, unclassified)
  const nonIc = nonIcOf(whole, unclassified, release.noforn)
  const given = new Set<Control>(whole.flatMap((portion) => portion.controls))
  given.delete('NF')
  given.delete('RELIDO')
  if (!unclassified || nonIc.length > 0) given.delete('FOUO')
  if (given.has('OC')) given.delete('OC-USGOV')
  if (release.noforn) given.add('NF')
  if (release.relido) given.add('RELIDO')
  return {
    origin,
    // The United States have no RESTRICTED: others' moves up.
    level: origin === 'us' && highest === 'R' ? 'C' : highest,
    systems: join(whole.map(({ systems }) => systems)),
    programmes: join(whole.map(({ programmes }) => programmes)),
    atomic: strongest(join(whole.map(({ atomic }) => atomic))),
    fgi,
    controls: inOrder(controls, given),
    rel: release.rel,
    eyes: release.eyes,
    display: release.display,
    nonIc,
  }
}

const own = (list: MarkedList | null) => (list === 'banner' ? [] : list)

function highestOf(portions: readonly UsMarking[]): UsLevel {
  const order = Object.keys(usLevels) as UsLevel[]
  const rank = Math.max(...portions.map(({ level }) => order.indexOf(level)))
  return order[rank] ?? 'TS'
}

/** All of one foreign or joint origin keep it; else the banner is the United States', and says whose information is in it. */
function originOf(portions: readonly Whole[]): Pick<UsMarking, 'origin' | 'fgi'> {
  const isJoint = ({ origin }: UsMarking) => typeof origin === 'object' && 'joint' in origin
  const classified = portions.filter(({ level }) => level !== 'U')
  const deciding = classified.some(isJoint) ? classified : portions
  const first = deciding[0]?.origin ?? 'us'
  const same = deciding.every(({ origin }) => JSON.stringify(origin) === JSON.stringify(first))
  const origin = same ? first : 'us'
  const sources = portions.flatMap((portion): readonly (readonly string[])[] => [
    ...(portion.fgi === null ? [] : [portion.fgi]),
    ...(origin === 'us' ? foreignOf(portion) : []),
  ])
  if (sources.length === 0) return { origin, fgi: null }
  const hidden = sources.some((source) => source.length === 0)
  return { origin, fgi: hidden ? [] : [...new Set(sources.flat())].sort() }
}

function foreignOf({ origin }: UsMarking): readonly (readonly string[])[] {
  if (origin === 'us') return []
  if (origin === 'nato') return [['NATO']]
  if ('of' in origin) return [origin.of]
  return [origin.joint === 'banner' ? [] : origin.joint.filter((nation) => nation !== 'USA')]
}

interface Release {
  readonly noforn: boolean
  readonly relido: boolean
  readonly rel: readonly string[] | null
  readonly eyes: readonly string[] | null
  readonly display: readonly string[] | null
}
const unsaid: Release = { noforn: false, relido: false, rel: null, eyes: null, display: null }

const bars = ({ nonIc }: UsMarking) => nonIc.includes('SBU-NF') || nonIc.includes('LES-NF')

const speaks = ({ controls: given, rel, eyes, display }: Whole) =>
  given.includes('NF') || given.includes('RELIDO') || (rel ?? eyes ?? display) !== null

/** Table 3. Release includes display; what is neither released nor displayed to a common nation is NOFORN. */
function releaseOf(portions: readonly Whole[], unclassified: boolean): Release {
  const counted = portions.filter((portion) => speaks(portion) || isControlled(portion))
  if (!counted.some(speaks)) {
    // SBU-NF and LES-NF speak for themselves on an unclassified page.
    return { ...unsaid, noforn: !unclassified && counted.some(bars) }
  }
  const noforn = { ...unsaid, noforn: true }
  if (counted.some((each) => !speaks(each) || each.controls.includes('NF') || bars(each)))
    return noforn
  const relido = counted.every((each) => each.controls.includes('RELIDO'))
  const released = common(counted.map(({ rel, eyes }) => [...(rel ?? []), ...(eyes ?? [])]))
  const shown = common(
    counted.map(({ rel, eyes, display }) => [...(rel ?? []), ...(eyes ?? []), ...(display ?? [])]),
  ).filter((code) => !released.includes(code))
  if (released.length === 0 && shown.length === 0 && !relido) return noforn
  const list = released.length === 0 ? null : sortList(['USA', ...released])
  const eyesOnly = counted.every(({ eyes }) => eyes !== null)
  return {
    noforn: false,
    relido,
    rel: eyesOnly ? null : list,
    eyes: eyesOnly ? list : null,
    display: shown.length === 0 ? null : sortList(shown),
  }
}

/** Whether a portion that says nothing of release is more than plainly unclassified. */
const isControlled = ({ level, systems, programmes, atomic, fgi, controls: given, nonIc }: Whole) =>
  level !== 'U' ||
  fgi !== null ||
  given.length + nonIc.length > 0 ||
  [systems, programmes, atomic].some((each) => Object.keys(each).length > 0)

/** Nations and groups in every list, but USA; a group that not all name is expanded where the Manual allows it. */
function common(lists: readonly (readonly string[])[]): readonly string[] {
  const inAll = (sets: readonly (readonly string[])[]) =>
    (sets[0] ?? []).filter((code) => sets.every((set) => set.includes(code)))
  const named = inAll(lists)
  const covered = named.flatMap((code) => expandable.get(code) ?? [])
  const expanded = inAll(
    lists.map((list) => list.flatMap((code) => expandable.get(code) ?? [code])),
  )
  const codes = [...named, ...expanded.filter((code) => !covered.includes(code))]
  return [...new Set(codes)].filter((code) => code !== 'USA')
}

/** SBU and LIMDIS end where classification begins; where the banner says NOFORN, their own is not repeated. */
function nonIcOf(
  portions: readonly UsMarking[],
  unclassified: boolean,
  noforn: boolean,
): readonly NonIcControl[] {
  const given = new Set(portions.flatMap(({ nonIc }) => nonIc))
  for (const name of ['SBU', 'LES'] as const)
    if (given.has(`${name}-NF`)) {
      given.delete(noforn ? `${name}-NF` : name)
      if (noforn) given.add(name)
    }
  if (!unclassified) for (const name of ['SBU', 'DS'] as const) given.delete(name)
  return inOrder(nonIcControls, given)
}

const inOrder = <Mark extends string>(table: Readonly<Record<Mark, unknown>>, given: Set<Mark>) =>
  (Object.keys(table) as Mark[]).filter((mark) => given.has(mark))

function join(trees: readonly Compartments[]): Compartments {
  const joined: Record<string, Record<string, readonly string[]>> = {}
  for (const tree of trees)
    for (const [name, inner] of Object.entries(tree)) {
      const known = joined[name] ?? {}
      for (const [compartment, subs] of Object.entries(inner))
        known[compartment] = [...new Set([...(known[compartment] ?? []), ...subs])].sort()
      joined[name] = known
    }
  return joined
}

/** Of RD, FRD and TFNI the strongest stands for all, with the compartments of all. */
function strongest(tree: Compartments): Compartments {
  const nuclear = Object.keys(atomicControls).filter(
    (mark) => ['RD', 'FRD', 'TFNI'].includes(mark) && Object.hasOwn(tree, mark),
  )
  const first = nuclear[0]
  if (first === undefined) return tree
  const others = Object.entries(tree).filter(([name]) => !nuclear.includes(name))
  const merged = join(nuclear.map((name) => ({ [first]: tree[name] ?? {} })))
  return { ...Object.fromEntries(others), ...merged }
}
