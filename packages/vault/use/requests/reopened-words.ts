import type { Letter } from '../../guard/letters.ts'
import type { OwnLetter } from '../tell-mailbox.ts'

/** What a person is told whose request to destroy something a restore gave back to staff. */
export function reopenedToPerson(number: string): OwnLetter {
  return {
    page: '/my/requests',
    subject: `Обращение ${number} рассматриваем заново / Request ${number} is decided anew`,
    text: [
      `Наши данные восстановлены из резервной копии. По обращению ${number} должно было быть что-то уничтожено; отзывали ли вы его с тех пор, мы не знаем.`,
      'Поэтому само ничего не уничтожится: решение снова за нами, сроки идут. Если вы передумали, войдите и отзовите обращение или сообщите нам.',
      '',
      `Our data were restored from a backup. By request ${number} something was to be destroyed; whether you have taken it back since, we do not know.`,
      'So nothing is destroyed of itself: we decide again, and its terms run on. If you have changed your mind, sign in and take it back, or tell us.',
    ].join('\n'),
  }
}

/** The same for the officer. */
export function reopenedToStaff(number: string): Omit<Letter, 'to'> {
  return {
    subject: `Обращение ${number}: решить заново после восстановления / request ${number}: decide again after a restore`,
    text: [
      `Обращение ${number} вело к уничтожению. После восстановления из резервной копии неизвестно, отозвано ли оно с тех пор: решите заново. Сроки идут.`,
      '',
      `Request ${number} led to a destruction. After a restore nobody knows whether it was taken back since: decide again. Its terms run on.`,
    ].join('\n'),
  }
}
