import type { CategoryGroup, Clearance, Requirement, Spif, SpifLabel } from './spif.ts'

/** Whether a clearance reaches a label, and every reason against it. */
export interface SpifDecision {
  readonly effect: 'permit' | 'deny'
  /** What spoke against it, sorted; empty when permitted. */
  readonly because: readonly string[]
}

/**
 * Compares a label with a clearance under one policy: the level must be listed, every restrictive category held, and of
 * each permissive tag set one. A label that its own policy does not allow is for nobody.
 * @see X.841 and SDN.801, access control decision function
 */
export function decideAccess(label: SpifLabel, clearance: Clearance, spif: Spif): SpifDecision {
  const because = problemsOf(label, spif).map((problem) => `label is not valid: ${problem}`)
  if (clearance.policy !== spif.id) because.push('clearance is of another policy')
  if (!clearance.classifications.includes(label.classification))
    because.push('classification is not in the clearance')
  const permissive = new Map<string, boolean>()
  for (const { tagSet, type, lacv } of label.categories) {
    if (type === 'informative') continue
    const held = clearance.categories.some(
      (own) => own.tagSet === tagSet && own.type === type && own.lacv === lacv,
    )
    if (type === 'permissive') permissive.set(tagSet, held || permissive.get(tagSet) === true)
    else if (!held)
      because.push(`restrictive category ${lacv} of ${tagSet} is not in the clearance`)
  }
  for (const [tagSet, held] of permissive)
    if (!held) because.push(`no permissive category of ${tagSet} is in the clearance`)
  return { effect: because.length === 0 ? 'permit' : 'deny', because: because.sort() }
}

/** Why a policy does not allow a label; empty when it does. What is obsolete stays valid: old labels live on. */
export function problemsOf(label: SpifLabel, spif: Spif): readonly string[] {
  if (label.policy !== spif.id) return ['it is of another policy']
  const problems: string[] = []
  const level = spif.classifications.find(({ lacv }) => lacv === label.classification)
  if (level === undefined) problems.push(`${label.classification} is not a classification`)
  const has = (group: CategoryGroup) => holds(label, group, spif)
  const require = (what: string, requirements: readonly Requirement[]) => {
    for (const requirement of requirements)
      if (!meets(requirement, has)) problems.push(`${what} lacks a category that it requires`)
  }

  require(level?.name ?? '', level?.requires ?? [])
  const selected = new Map<string, number>()
  for (const { tagSet, type, lacv } of label.categories) {
    const set = spif.tagSets.find(({ id }) => id === tagSet)
    const tag = set?.tags.find(
      (each) => each.type === type && each.categories.some((own) => own.lacv === lacv),
    )
    const category = tag?.categories.find((own) => own.lacv === lacv)
    if (set === undefined || tag === undefined || category === undefined) {
      problems.push(`${type} ${lacv} is not a category of ${set?.name ?? tagSet}`)
      continue
    }
    const { name, excludedClasses, excludedCategories, requires } = category
    if (level !== undefined && excludedClasses.includes(level.name))
      problems.push(`${name} must not stand beside ${level.name}`)
    if (excludedCategories.some(has))
      problems.push(`${name} must not stand beside another of its categories`)
    require(name, requires)
    const count = (selected.get(`${set.id} ${tag.name}`) ?? 0) + 1
    selected.set(`${set.id} ${tag.name}`, count)
    if (tag.singleSelection && count === 2) problems.push(`${tag.name} allows one category`)
  }
  return [...new Set(problems)].sort()
}

const holds = (label: SpifLabel, { tagSet, type, lacv }: CategoryGroup, spif: Spif) => {
  const id = spif.tagSets.find(({ name }) => name === tagSet)?.id
  return label.categories.some(
    (own) => own.tagSet === id && own.type === type && (lacv === undefined || own.lacv === lacv),
  )
}

function meets({ operation, groups }: Requirement, has: (group: CategoryGroup) => boolean) {
  const met = groups.filter(has).length
  switch (operation) {
    case 'all':
      return met === groups.length
    case 'oneOrMore':
      return met > 0
    case 'onlyOne':
      return met === 1
  }
}

/** A label in another policy's words, or why there is none. */
export type TranslationOutcome =
  | { readonly ok: true; readonly label: SpifLabel }
  | { readonly ok: false; readonly reason: string }

/**
 * Says a label in the words of another policy by the equivalents that its own policy gives; the original stays what it is.
 * A restrictive or permissive category without an equivalent is no reason to leave it out: then there is no translation.
 */
export function translateLabel(label: SpifLabel, from: Spif, to: Spif): TranslationOutcome {
  const problem = problemsOf(label, from)[0]
  if (problem !== undefined) return no(`label is not valid: ${problem}`)
  const policy = from.equivalentPolicies.find(({ id }) => id === to.id)
  if (policy === undefined) return no(`${from.name} gives no equivalents in ${to.name}`)
  const level = from.classifications
    .find(({ lacv }) => lacv === label.classification)
    ?.equivalents.find((equivalent) => equivalent.policy === policy.name)
  if (level === undefined) return no(`the classification has no equivalent in ${to.name}`)
  const categories: SpifLabel['categories'][number][] = []
  for (const { tagSet, type, lacv } of label.categories) {
    const own = from.tagSets
      .find(({ id }) => id === tagSet)
      ?.tags.filter((tag) => tag.type === type)
      .flatMap((tag) => tag.categories)
      .find((category) => category.lacv === lacv)
    const equivalents = (own?.equivalents ?? []).filter((each) => each.policy === policy.name)
    if (equivalents.length === 0 && type !== 'informative')
      return no(`${own?.name} has no equivalent in ${to.name}`)
    for (const equivalent of equivalents)
      if (!('discard' in equivalent)) {
        const { policy: _, ...category } = equivalent
        categories.push(category)
      }
  }
  for (const { tagSet, type, lacv } of [...level.adds, ...policy.adds]) {
    const id = to.tagSets.find(({ name }) => name === tagSet)?.id
    if (id === undefined || lacv === undefined)
      return no(`${tagSet} is not a tag set of ${to.name}`)
    categories.push({ tagSet: id, type, lacv })
  }
  const translated = { policy: to.id, classification: level.lacv, categories }
  const flaw = problemsOf(translated, to)[0]
  return flaw === undefined ? { ok: true, label: translated } : no(`as ${to.name}: ${flaw}`)
}

const no = (reason: string): TranslationOutcome => ({ ok: false, reason })
