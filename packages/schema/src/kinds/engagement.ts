import { z } from 'zod'
import { defineKind, field } from './define-kind.ts'
import { CalendarDate, NationCode, Nations, Text, Texts } from './value.ts'

/** People meeting: a forum, a working group, an exchange post, a visit. */
export const engagement = defineKind({
  kind: 'engagement',
  identity: ['title'],
  fields: {
    title: field(Text, 'P', 'What it is called'),
    engagement_type: field(
      z.enum(['forum', 'working group', 'exchange post', 'liaison', 'visit', 'exercise']),
      'P',
      'Sort of engagement',
    ),
    host: field(NationCode, 'P', 'Nation that hosts'),
    participants: field(Nations, 'P', 'Nations that take part'),
    cadence: field(
      z.enum(['once', 'monthly', 'quarterly', 'biannual', 'annual']),
      'P',
      'How often',
    ),
    next_date: field(CalendarDate, 'G', 'Next meeting'),
    topics: field(Texts, 'G', 'Topics or capability records'),
    actions: field(Texts, 'R', 'Outcomes and open actions'),
    attendee_roles: field(Texts, 'G', 'Roles attending'),
    attendee_names: field(Texts, 'N', 'Names attending'),
    host_org: field(Text, 'R', 'Exchange post: organisation that hosts it'),
    home_nation: field(NationCode, 'G', 'Exchange post: nation that sends'),
    direction: field(z.enum(['in', 'out']), 'G', 'Exchange post: into or out of the originator'),
    discipline: field(Text, 'G', 'Exchange post: discipline'),
    start: field(CalendarDate, 'G', 'Exchange post: first day'),
    end: field(CalendarDate, 'G', 'Exchange post: last day'),
    ratio_group: field(
      Text,
      'G',
      'Exchange post: group within which posts in and out must balance',
    ),
    post_status: field(z.enum(['open', 'filled', 'declined']), 'R', 'Exchange post: state'),
    declined_reason: field(Text, 'R', 'Exchange post: why it was declined'),
    national_aim: field(Text, 'N', 'What the originator wants from it'),
  },
})
