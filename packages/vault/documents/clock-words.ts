import type { Localised } from '@doverie/core/base'
import { ANSWER, CLOSE, DUTY_CLOCKS, type Law } from '@doverie/core/request'

const OWN: Readonly<Record<string, Localised>> = {
  [ANSWER]: { ru: 'ответить', en: 'answer' },
  [CLOSE]: { ru: 'закрыть', en: 'close' },
  [DUTY_CLOCKS.settle]: { ru: 'оформить документ', en: 'put it in writing' },
  [DUTY_CLOCKS.confirm]: { ru: 'проверить внесение в реестр', en: 'look for it in the register' },
  [DUTY_CLOCKS.renew]: { ru: 'продлить или прекратить', en: 'renew it or stop' },
  [DUTY_CLOCKS.review]: { ru: 'пересмотреть', en: 'look at it again' },
}

/** What is to be done by a clock: of the law, or of the operator's own. */
export function clockWords({ profile }: Law, rule: string): Localised {
  return OWN[rule] ?? profile.clocks.find(({ id }) => id === rule)?.duty ?? { ru: rule, en: rule }
}
