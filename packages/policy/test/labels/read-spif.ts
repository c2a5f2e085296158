import { XMLParser } from 'fast-xml-parser'
import { Clearance, type Spif, SpifLabel } from '../../src/labels/spif.ts'

type Node = Readonly<Record<string, unknown>>

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  parseAttributeValue: false,
  parseTagValue: false,
  textNodeName: 'text',
})

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null
const nodes = (value: unknown): readonly Node[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map((item: unknown) =>
    isNode(item) ? item : { text: item },
  )
const only = (value: unknown): Node => nodes(value)[0] ?? {}
const text = (value: unknown) => (value === undefined ? '' : String(value))
/** `004` and `4` are one number. */
const number = (value: unknown) => text(value).replace(/^0+(?=\d)/, '')

/** The three behaviours of all tag types. */
function typeOf({ tagType, type = tagType, enumType }: Node) {
  switch (text(type)) {
    case 'restrictive':
    case 'enumeratedRestrictive':
      return 'restrictive'
    case 'permissive':
    case 'enumeratedPermissive':
      return 'permissive'
    case 'enumerated':
      return text(enumType) === 'restrictive' ? 'restrictive' : 'permissive'
    case 'informative':
    case 'tagType7':
      return 'informative'
    default:
      throw new Error(`unknown tag type ${text(type)}`)
  }
}

const group = (node: Node) => ({
  tagSet: text(node['tagSetRef']),
  type: typeOf(node),
  ...(node['lacv'] !== undefined && { lacv: number(node['lacv']) }),
})
const requirements = (node: Node) =>
  nodes(node['requiredCategory']).map((rule) => ({
    operation: text(rule['operation']),
    groups: nodes(rule['categoryGroup']).map(group),
  }))
const adds = (node: Node) =>
  nodes(node['requiredCategory']).flatMap((rule) => nodes(rule['categoryGroup']).map(group))
/** `decrypt` is for what comes in. */
const outgoing = (node: Node) => text(node['applied']) !== 'decrypt'

/** Reads an XML SPIF as plain data, unchecked. Marking phrases are left out: they are for display. */
export function readSpif(xml: string): unknown {
  const root = only(parser.parse(xml)['SPIF'])
  const policy = only(root['securityPolicyId'])
  return {
    name: text(policy['name']),
    id: text(policy['id']),
    classifications: nodes(only(root['securityClassifications'])['securityClassification']).map(
      (node) => ({
        name: text(node['name']),
        lacv: number(node['lacv']),
        hierarchy: Number(node['hierarchy']),
        requires: requirements(node),
        equivalents: nodes(node['equivalentClassification'])
          .filter(outgoing)
          .map((each) => ({
            policy: text(each['policyRef']),
            lacv: number(each['lacv']),
            adds: adds(each),
          })),
      }),
    ),
    tagSets: nodes(only(root['securityCategoryTagSets'])['securityCategoryTagSet']).map((set) => ({
      name: text(set['name']),
      id: text(set['id']),
      tags: nodes(set['securityCategoryTag']).map((tag) => ({
        name: text(tag['name']),
        type: typeOf(tag),
        singleSelection: tag['singleSelection'] === 'true',
        categories: nodes(tag['tagCategory']).map((node) => ({
          name: text(node['name']),
          lacv: number(node['lacv']),
          excludedClasses: nodes(node['excludedClass']).map((each) => text(each['text'])),
          excludedCategories: nodes(node['excludedCategory']).map(group),
          requires: requirements(node),
          equivalents: nodes(node['equivalentSecCategoryTag'])
            .filter(outgoing)
            .map((each) =>
              each['action'] === 'discard'
                ? { policy: text(each['policyRef']), discard: true }
                : {
                    policy: text(each['policyRef']),
                    tagSet: text(each['tagSetId']),
                    type: typeOf(each),
                    lacv: number(each['lacv']),
                  },
            ),
        })),
      })),
    })),
    equivalentPolicies: nodes(only(root['equivalentPolicies'])['equivalentPolicy']).map((node) => ({
      name: text(node['name']),
      id: text(node['id']),
      adds: adds(node),
    })),
  }
}

const policyOf = (node: Node) => text(only(node['policy'])['id'])
const classes = (node: Node) => nodes(node['classification']).map(({ lacv }) => number(lacv))
const tags = (node: Node) =>
  nodes(node['tag']).map((tag) => ({
    tagSet: text(tag['id']),
    type: typeOf(tag),
    lacv: number(tag['lacv']),
  }))

/** Policy that a label or clearance names, by id or by name. */
export function policyNamed(xml: string): string {
  const root = parser.parse(xml)
  const label = root['label'] ?? root['clearance']
  return label === undefined
    ? text(plain(only(information(root)['PolicyIdentifier'])))
    : policyOf(only(label))
}

const information = (root: Node) =>
  only(only(root['originatorConfidentialityLabel'])['ConfidentialityInformation'])
const plain = (node: Node) => node['text']

/** Reads a label: by number, or as in STANAG 4774 by the names that its policy gives. */
export function readLabel(xml: string, spif: Spif): SpifLabel {
  const root = parser.parse(xml)
  if (root['label'] !== undefined) {
    const label = only(root['label'])
    return SpifLabel.parse({
      policy: policyOf(label),
      classification: classes(label)[0],
      categories: tags(label),
    })
  }
  const info = information(root)
  const level = text(plain(only(info['Classification'])))
  return SpifLabel.parse({
    policy: text(plain(only(info['PolicyIdentifier']))) === spif.name ? spif.id : 'unknown',
    classification: spif.classifications.find(({ name }) => name === level)?.lacv,
    categories: nodes(info['Category']).flatMap((category) => {
      const set = spif.tagSets.find(({ name }) => name === text(category['TagName']))
      const type = text(category['Type']).toLowerCase()
      return nodes(category['GenericValue']).map((value) => {
        const found = set?.tags
          .filter((tag) => tag.type === type)
          .flatMap((tag) => tag.categories)
          .find(({ name }) => name === text(value['text']))
        return { tagSet: set?.id, type, lacv: found?.lacv }
      })
    }),
  })
}

export function readClearance(xml: string): Clearance {
  const clearance = only(parser.parse(xml)['clearance'])
  return Clearance.parse({
    policy: policyOf(clearance),
    classifications: classes(clearance),
    categories: tags(clearance),
  })
}

/** One test of a sequence: attributes as they stand. */
export interface VectorTest {
  readonly policies: readonly Node[]
  readonly tests: readonly Node[]
}

/** The sequences of `tests.xml`: the policies that each loads, and its tests. */
export const readSequences = (xml: string): readonly VectorTest[] =>
  nodes(only(parser.parse(xml)['tests'])['sequence']).map((sequence) => ({
    policies: nodes(sequence['policy']),
    tests: nodes(sequence['test']),
  }))
