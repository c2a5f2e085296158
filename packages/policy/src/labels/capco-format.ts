import type { Compartments, MarkedList, UsMarking } from './capco-marking.ts'
import { atomicControls, controls, natoLevels, nonIcControls, usLevels } from './capco-words.ts'

/** The marking as a banner, abbreviated where the Manual allows it. */
export const formatBanner = (marking: UsMarking): string => format(marking, true)

/** The marking as a portion mark, without its brackets. */
export const formatPortion = (marking: UsMarking): string => format(marking, false)

function format(marking: UsMarking, banner: boolean): string {
  const word = <Mark extends string>(
    table: Readonly<Record<Mark, { banner: string }>>,
    mark: Mark,
  ) => (banner ? table[mark].banner : mark)
  const { systems, programmes, atomic, fgi, nonIc } = marking
  const blocks = [
    formatCompartments(systems, (name) => name),
    formatCompartments(programmes, (name) => name).replace(/^(?=.)/, 'SAR-'),
    formatCompartments(atomic, (name) =>
      word(atomicControls, name as keyof typeof atomicControls),
    ).replaceAll('-SG ', banner ? '-SIGMA ' : '-SG '),
    fgi === null ? '' : ['FGI', ...fgi].join(' '),
    disseminationsOf(marking, banner).join('/'),
    nonIc.map((mark) => word(nonIcControls, mark)).join('/'),
  ]
  return [headOf(marking, banner), ...blocks.filter((block) => block !== '')].join('//')
}

function headOf({ origin, level }: UsMarking, banner: boolean): string {
  const word = banner ? usLevels[level].banner : level
  if (origin === 'us') return word
  if (origin === 'nato') {
    const [mark, nato] = Object.entries(natoLevels).find(([, each]) => each.level === level) ?? []
    return `//${banner ? nato?.banner : mark}`
  }
  if ('joint' in origin) return ['//JOINT', word, ...namesOf(origin.joint)].join(' ')
  return `//${[...(origin.of.length === 0 ? ['FGI'] : origin.of), word].join(' ')}`
}

const namesOf = (list: MarkedList) => (list === 'banner' ? [] : list)

function disseminationsOf({ controls: given, rel, eyes, display }: UsMarking, banner: boolean) {
  const lists = {
    ...(rel !== null && { REL: rel === 'banner' ? 'REL' : `REL TO ${rel.join(', ')}` }),
    ...(eyes !== null && { EYES: eyes === 'banner' ? 'EYES' : `${eyes.join('/')} EYES ONLY` }),
    ...(display !== null && { DISPLAY: `DISPLAY ONLY ${display.join(', ')}` }),
  }
  // Lists have their places among the other controls.
  const order = Object.keys(controls).toSpliced(7, 0, 'REL').toSpliced(9, 0, 'EYES')
  return [...order, 'DISPLAY'].flatMap((mark) => {
    const control = given.find((each) => each === mark)
    if (control !== undefined) return banner ? controls[control].banner : control
    return Object.entries(lists).flatMap(([name, text]) => (name === mark ? text : []))
  })
}

const formatCompartments = (given: Compartments, nameOf: (name: string) => string) =>
  Object.keys(given)
    .sort()
    .map((name) =>
      [
        nameOf(name),
        ...Object.entries(given[name] ?? {})
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([compartment, subs]) => [compartment, ...subs].join(' ')),
      ].join('-'),
    )
    .join('/')
