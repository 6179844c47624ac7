/** What letters say, in five languages: plain text, a link, and nothing that somebody else could have written. */
import type { Language } from '../lib/language.ts';

export type LetterKind = 'password_reset' | 'registration' | 'known_already' | 'invitation';
export type LetterText = { subject: string; text: string };

const IGNORE: Record<Language, string> = {
  en: 'If you did not ask for this, do nothing.',
  ru: 'Если вы этого не запрашивали, ничего не делайте.',
  de: 'Wenn Sie das nicht angefordert haben, tun Sie nichts.',
  es: 'Si no lo ha solicitado, no haga nada.',
  fr: "Si vous n'avez rien demandé, ne faites rien.",
};

const wordings: Record<LetterKind, Record<Language, { subject: string; before: string }>> = {
  password_reset: {
    en: { subject: 'Set a new password', before: 'Set a new password here, within an hour:' },
    ru: { subject: 'Новый пароль', before: 'Задайте новый пароль по ссылке в течение часа:' },
    de: {
      subject: 'Neues Passwort festlegen',
      before: 'Legen Sie hier binnen einer Stunde ein neues Passwort fest:',
    },
    es: {
      subject: 'Nueva contraseña',
      before: 'Establezca aquí una nueva contraseña en el plazo de una hora:',
    },
    fr: { subject: 'Nouveau mot de passe', before: "Choisissez ici un nouveau mot de passe, dans l'heure :" },
  },
  registration: {
    en: { subject: 'Finish your registration', before: 'Finish your registration here, within seven days:' },
    ru: { subject: 'Завершите регистрацию', before: 'Завершите регистрацию по ссылке в течение семи дней:' },
    de: {
      subject: 'Registrierung abschließen',
      before: 'Schließen Sie die Registrierung hier binnen sieben Tagen ab:',
    },
    es: { subject: 'Complete su registro', before: 'Complete aquí su registro en el plazo de siete días:' },
    fr: {
      subject: 'Terminez votre inscription',
      before: 'Terminez ici votre inscription, dans les sept jours :',
    },
  },
  known_already: {
    en: { subject: 'You have an account', before: 'You are registered already. Sign in here:' },
    ru: { subject: 'У вас есть аккаунт', before: 'Вы уже зарегистрированы. Войдите здесь:' },
    de: { subject: 'Sie haben ein Konto', before: 'Sie sind bereits registriert. Melden Sie sich hier an:' },
    es: { subject: 'Ya tiene una cuenta', before: 'Ya está registrado. Inicie sesión aquí:' },
    fr: { subject: 'Vous avez un compte', before: 'Vous êtes déjà inscrit. Connectez-vous ici :' },
  },
  invitation: {
    en: {
      subject: 'You are invited',
      before: 'You are invited to CryptoScan. Accept here, within seven days:',
    },
    ru: {
      subject: 'Вас приглашают',
      before: 'Вас приглашают в CryptoScan. Примите приглашение в течение семи дней:',
    },
    de: {
      subject: 'Sie sind eingeladen',
      before: 'Sie sind zu CryptoScan eingeladen. Nehmen Sie hier binnen sieben Tagen an:',
    },
    es: {
      subject: 'Tiene una invitación',
      before: 'Le han invitado a CryptoScan. Acepte aquí en el plazo de siete días:',
    },
    fr: {
      subject: 'Vous êtes invité',
      before: 'Vous êtes invité à CryptoScan. Acceptez ici, dans les sept jours :',
    },
  },
};

export function letterText(kind: LetterKind, language: Language, link: string): LetterText {
  const { subject, before } = wordings[kind][language];
  return { subject: `CryptoScan: ${subject}`, text: `${before}\n\n${link}\n\n${IGNORE[language]}\n` };
}
