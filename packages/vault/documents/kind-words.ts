import type { Localised, RequestKind } from '@doverie/core/base'
import type { ExtensionReason } from '@doverie/core/request'

/** Kinds of requests in words. */
export const KIND_WORDS: Readonly<Record<RequestKind, Localised>> = {
  information: { ru: 'запрос сведений об обработке', en: 'a request for information on processing' },
  copy: { ru: 'запрос копии данных', en: 'a request for a copy of the data' },
  correction: { ru: 'исправление данных', en: 'a correction of data' },
  supplement: { ru: 'дополнение данных', en: 'a supplement to data' },
  confidentiality: { ru: 'параметры конфиденциальности', en: 'confidentiality settings' },
  withdrawal: { ru: 'отзыв согласия', en: 'a withdrawal of consent' },
  'stop-processing': { ru: 'требование прекратить обработку', en: 'a demand to stop processing' },
  erasure: { ru: 'удаление данных', en: 'erasure' },
  objection: { ru: 'возражение против автоматического решения', en: 'an objection to an automated decision' },
  inaccuracy: { ru: 'жалоба на неточность данных', en: 'a complaint of inaccuracy' },
  unlawful: { ru: 'жалоба на неправомерную обработку', en: 'a complaint of unlawful processing' },
  publication: { ru: 'распространение данных', en: 'publication of data' },
  'publication-stop': { ru: 'требование прекратить распространение', en: 'a demand to stop publication' },
  'marketing-stop': { ru: 'отказ от рассылки', en: 'a demand to stop promotion' },
  feedback: { ru: 'вопрос или предложение', en: 'a question or a proposal' },
}

/** Why a term was extended, in words; the notice says more. */
export const EXTENSION_WORDS: Readonly<Record<ExtensionReason, Localised>> = {
  volume: { ru: 'запрошенных сведений много', en: 'much is asked for' },
  archive: { ru: 'часть сведений нужно поднять из архива', en: 'some of it is to be fetched from an archive' },
  recipients: { ru: 'нужен ответ тех, кому сведения передавались', en: 'those who got the data must answer first' },
  check: { ru: 'нужно проверить изложенное', en: 'what is said is to be checked' },
  complexity: { ru: 'обращение требует дополнительного изучения', en: 'the matter needs further study' },
}
