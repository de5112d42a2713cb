import type { DutyKind, Localised } from '@doverie/core/base'

/** What the operator's duties are called. */
export const DUTY_WORDS: Readonly<Record<DutyKind, Localised>> = {
  'notice-intent': { ru: 'Уведомление о намерении обрабатывать данные', en: 'Notice of intended processing' },
  'notice-change': { ru: 'Уведомление об изменении сведений', en: 'Notice of a change' },
  'notice-end': { ru: 'Уведомление о прекращении обработки', en: 'Notice of the end of processing' },
  harm: { ru: 'Оценка вреда', en: 'Assessment of harm' },
  agreement: { ru: 'Поручение обработки', en: 'Agreement on processing' },
  'cross-border': { ru: 'Трансграничная передача', en: 'Transfer abroad' },
  localisation: { ru: 'Размещение баз данных', en: 'Where databases are' },
}
