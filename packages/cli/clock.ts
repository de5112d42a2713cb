import { readFile } from 'node:fs/promises'
import { DoverieError, isZone, PROFILE_IDS, type ProfileId } from '@doverie/core/base'
import { clockReport, type Law, lawOf, momentOf, readCalendar, withYears } from '@doverie/core/request'
import { Command, Option } from 'commander'

interface Options {
  readonly profile: ProfileId
  readonly zone?: string
  readonly calendar?: string
}

/** `doverie clock`: a term of the law counted, as JSON. */
export function clockCommand(): Command {
  return new Command('clock')
    .description('count a term of the law from the day or moment that starts it')
    .argument('<rule>', 'a clock of the law: information, correction, unlawful-stop, withdrawal, stop-processing …')
    .argument('<date>', 'YYYY-MM-DD, or YYYY-MM-DDTHH:MM[:SS][Z|±HH:MM]')
    .addOption(new Option('--profile <law>', 'the law').choices([...PROFILE_IDS]).default('ru-152fz'))
    .option('--zone <zone>', 'in which days are counted (IANA); of the law unless told')
    .option('--calendar <file>', 'further or replaced years of the production calendar, JSON')
    .action(async (rule: string, date: string, options: Options) => {
      const law = await lawBy(options)
      const start = momentOf(law.zone, date)
      if (start === null) throw new DoverieError('invalid-request', 'DATE is no day YYYY-MM-DD and no moment of one.')
      process.stdout.write(`${JSON.stringify(clockReport(law, rule, start), null, 2)}\n`)
    })
}

async function lawBy({ profile, zone, calendar }: Options): Promise<Law> {
  if (zone !== undefined && !isZone(zone)) throw new DoverieError('invalid-request', 'There is no such time zone.')
  const law = lawOf(profile, zone)
  return calendar === undefined ? law : { ...law, calendar: await withFile(law, calendar) }
}

async function withFile(law: Law, path: string): Promise<NonNullable<Law['calendar']>> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new DoverieError('invalid-request', 'The calendar file cannot be read.')
  })
  const read = readCalendar(parsed(text))
  if (!read.ok) throw new DoverieError('invalid-request', `The calendar file: ${read.error}.`)
  return withYears(law.calendar ?? { id: 'operator', years: [] }, read.value)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new DoverieError('invalid-request', 'The calendar file is no JSON.')
  }
}
