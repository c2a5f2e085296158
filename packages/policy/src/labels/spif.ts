import { z } from 'zod'

/**
 * What a category does. Restrictive: a clearance needs every one. Permissive: it needs any one of each tag set.
 * Informative: shown, and asked of nobody.
 */
const CategoryType = z.enum(['restrictive', 'permissive', 'informative'])

const Name = z.string().min(1)
/** Label and certificate attribute value: the number, as text, by which labels name what the policy names in words. */
const Lacv = z.string().regex(/^(0|[1-9]\d*)$/, 'not a number without leading zeros')
/** Object identifier of a policy or a tag set, or its name where the field has none. */
const Id = z.string().min(1)

/** Category of a label or clearance: tag set by its id. */
const Category = z.strictObject({ tagSet: Id, type: CategoryType, lacv: Lacv })

/** Categories of one tag set, by its name; without `lacv`, any of that type. */
const CategoryGroup = z.strictObject({ tagSet: Name, type: CategoryType, lacv: Lacv.optional() })
export type CategoryGroup = z.infer<typeof CategoryGroup>

const Requirement = z.strictObject({
  operation: z.enum(['all', 'oneOrMore', 'onlyOne']),
  groups: z.array(CategoryGroup).min(1).readonly(),
})
export type Requirement = z.infer<typeof Requirement>

const EquivalentClassification = z.strictObject({
  policy: Name,
  lacv: Lacv,
  /** Categories of the other policy that go with it. */
  adds: z.array(CategoryGroup).readonly(),
})

/** What another policy says for a category; `discard`: nothing, on purpose. */
const EquivalentCategory = z.union([
  z.strictObject({ policy: Name, tagSet: Id, type: CategoryType, lacv: Lacv }),
  z.strictObject({ policy: Name, discard: z.literal(true) }),
])

/**
 * A security policy as data: which labels there are, which are valid, and what they say in another policy's words. The
 * owner of the policy says so, not this code. Equivalents are those for what is sent.
 * @see XML SPIF 2.1, X.841, SDN.801: the meaning; the form is ours
 */
export const Spif = z.strictObject({
  name: Name,
  id: Id,
  classifications: z
    .array(
      z.strictObject({
        name: Name,
        lacv: Lacv,
        hierarchy: z.int().min(0),
        requires: z.array(Requirement).readonly(),
        equivalents: z.array(EquivalentClassification).readonly(),
      }),
    )
    .min(1)
    .readonly(),
  tagSets: z
    .array(
      z.strictObject({
        name: Name,
        id: Id,
        tags: z
          .array(
            z.strictObject({
              name: Name,
              type: CategoryType,
              singleSelection: z.boolean(),
              categories: z
                .array(
                  z.strictObject({
                    name: Name,
                    lacv: Lacv,
                    /** Names of classifications that it must not stand beside. */
                    excludedClasses: z.array(Name).readonly(),
                    excludedCategories: z.array(CategoryGroup).readonly(),
                    requires: z.array(Requirement).readonly(),
                    equivalents: z.array(EquivalentCategory).readonly(),
                  }),
                )
                .readonly(),
            }),
          )
          .readonly(),
      }),
    )
    .readonly(),
  /** Other policies, by the name used here and their id, and what every label takes when it is said in their words. */
  equivalentPolicies: z
    .array(z.strictObject({ name: Name, id: Id, adds: z.array(CategoryGroup).readonly() }))
    .readonly(),
})
export type Spif = z.infer<typeof Spif>

/** Label of one thing under one policy. */
export const SpifLabel = z.strictObject({
  policy: Id,
  classification: Lacv,
  categories: z.array(Category).readonly(),
})
export type SpifLabel = z.infer<typeof SpifLabel>

/** What somebody is cleared for under one policy. Levels are listed one by one: a higher one does not bring a lower one. */
export const Clearance = z.strictObject({
  policy: Id,
  classifications: z.array(Lacv).readonly(),
  categories: z.array(Category).readonly(),
})
export type Clearance = z.infer<typeof Clearance>

export interface SpifIssue {
  readonly code: 'FORM' | 'DUPLICATE' | 'DUPLICATE_EXCLUDED' | 'UNKNOWN_CLASS' | 'UNKNOWN_TAG_SET'
  readonly place: string
  readonly message: string
}

/** Everything wrong with a policy; empty when labels may be judged by it. */
export function checkSpif(input: unknown): readonly SpifIssue[] {
  const parsed = Spif.safeParse(input)
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => ({
      code: 'FORM',
      place: path.join('.') || 'policy',
      message,
    }))
  const { classifications, tagSets } = parsed.data
  const issues: SpifIssue[] = []
  const report = (code: SpifIssue['code'], place: string, message: string) =>
    issues.push({ code, place, message })
  const unique = (
    place: string,
    keys: readonly string[],
    code: SpifIssue['code'] = 'DUPLICATE',
  ) => {
    for (const key of repeats(keys)) report(code, place, `${key} stands twice`)
  }
  const known = (place: string, groups: readonly CategoryGroup[]) => {
    for (const { tagSet } of groups)
      if (!tagSets.some(({ name }) => name === tagSet))
        report('UNKNOWN_TAG_SET', place, `${tagSet} is not a tag set of this policy`)
  }
  const requirements = (place: string, list: readonly Requirement[]) => {
    for (const { groups } of list) known(`${place}.requires`, groups)
  }

  unique(
    'classifications',
    classifications.map(({ name }) => name),
  )
  unique(
    'classifications',
    classifications.map(({ lacv }) => `lacv ${lacv}`),
  )
  unique(
    'classifications',
    classifications.map(({ hierarchy }) => `hierarchy ${hierarchy}`),
  )
  for (const { name, requires } of classifications)
    requirements(`classifications.${name}`, requires)
  unique(
    'tagSets',
    tagSets.map(({ name }) => name),
  )
  unique(
    'tagSets',
    tagSets.map(({ id }) => id),
  )
  for (const { name: set, tags } of tagSets) {
    // Labels name a category by tag set, type and number: two of one name would be one.
    unique(
      `tagSets.${set}`,
      tags.flatMap(({ type, categories }) => categories.map(({ lacv }) => `${type} ${lacv}`)),
    )
    for (const category of tags.flatMap(({ categories }) => categories)) {
      const place = `tagSets.${set}.${category.name}`
      unique(place, category.excludedClasses, 'DUPLICATE_EXCLUDED')
      for (const excluded of category.excludedClasses)
        if (!classifications.some(({ name }) => name === excluded))
          report('UNKNOWN_CLASS', place, `${excluded} is not a classification of this policy`)
      known(place, category.excludedCategories)
      requirements(place, category.requires)
    }
  }
  return issues
}

const repeats = (keys: readonly string[]) =>
  new Set(keys.filter((key, i) => keys.indexOf(key) !== i))
