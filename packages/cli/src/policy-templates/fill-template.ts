import { readFileSync } from 'node:fs'
import { CliError } from '../cli-error.ts'
import { coalitions, type TemplateName } from './coalitions.ts'

export interface TemplateRequest {
  readonly template: TemplateName
  readonly nation: string
  /** Partners to begin with; empty: all other members. */
  readonly partners: readonly string[]
  /** First day, and the first on which it no longer holds. */
  readonly from: string
  readonly until: string
}

/**
 * A policy to begin with, as commented YAML that passes `policy check`.
 * @throws {CliError} `USAGE`: a nation that is not in the group, or nobody to release to
 */
export function fillTemplate(request: TemplateRequest): string {
  const { template, nation, from, until } = request
  const { about, source, members } = membersOf(request)
  const partners = request.partners.length > 0 ? request.partners : [...members.keys()]
  const others = partners.filter((partner) => partner !== nation)
  const [partner] = others
  if (partner === undefined)
    throw new CliError('USAGE', 'there is nobody to release to: name partners with --with NOR,DNK')
  const stays = [...members]
    .map(([code, day]) => `    - { nation: ${code}, from: ${day} }`)
    .join('\n')
  const lines = (level: string) => others.map((code) => `  ${code}: ${level}`).join('\n')
  return (part('head') + part(template))
    .replace('{{bands}}\n', `${part('bands').trimEnd()}\n\n`)
    .replaceAll('{{members}}', stays)
    .replace(/\{\{ceilings (.*?)\}\}/g, (_, level: string) => lines(level))
    .replaceAll('{{about}}', about)
    .replaceAll('{{source}}', source)
    .replaceAll('{{nation}}', nation)
    .replaceAll('{{partners}}', `[${others.join(', ')}]`)
    .replaceAll('{{partner}}', partner)
    .replaceAll('{{from}}', from)
    .replaceAll('{{until}}', until)
}

function membersOf({ template, nation, partners, from }: TemplateRequest): {
  readonly about: string
  readonly source: string
  readonly members: ReadonlyMap<string, string>
} {
  if (template === 'bilateral') {
    const all = [...new Set([nation, ...partners])].sort()
    return {
      about: `With ${partners.join(', ') || 'a partner'}: what is open exactly, RESTRICTED quantities in bands.`,
      source: 'your arrangement: give each nation the day on which it counts',
      members: new Map(all.map((code) => [code, from])),
    }
  }
  const { about, source, group, members: table } = coalitions[template]
  const members = new Map<string, string>(Object.entries(table))
  const stranger = [nation, ...partners].find((code) => !members.has(code))
  if (stranger !== undefined)
    throw new CliError(
      'USAGE',
      `${stranger} is not a member of ${group} (${[...members.keys()].join(', ')}): take another template, such as bilateral`,
    )
  return { about, source, members }
}

const part = (name: string): string =>
  readFileSync(new URL(`../../templates/policy/${name}.yaml.template`, import.meta.url), 'utf8')
