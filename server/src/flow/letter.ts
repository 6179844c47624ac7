/** What letters say, in five languages: plain text, a link, and nothing that somebody else could have written. */
import type { Language } from '../lib/language.ts';

export type LetterKind = 'password_reset' | 'registration' | 'known_already' | 'invitation' | 'email_change';
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
  email_change: {
    en: {
      subject: 'Confirm your new address',
      before: 'Confirm here, within a day, that this is your new address:',
    },
    ru: {
      subject: 'Подтвердите новый адрес',
      before: 'Подтвердите в течение суток, что это ваш новый адрес:',
    },
    de: {
      subject: 'Bestätigen Sie Ihre neue Adresse',
      before: 'Bestätigen Sie hier binnen eines Tages, dass dies Ihre neue Adresse ist:',
    },
    es: {
      subject: 'Confirme su nueva dirección',
      before: 'Confirme aquí, en el plazo de un día, que esta es su nueva dirección:',
    },
    fr: {
      subject: 'Confirmez votre nouvelle adresse',
      before: "Confirmez ici, dans la journée, que c'est bien votre nouvelle adresse :",
    },
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

/** What the old address is told of a new one: that it was asked for, and that it is so now. */
type Telling = 'email_asked' | 'email_changed';

const tellings: Record<Telling, Record<Language, { subject: string; before: string }>> = {
  email_asked: {
    en: {
      subject: 'A new e-mail address was asked for',
      before: 'Your account is to get another e-mail address:',
    },
    ru: { subject: 'Запрошена смена адреса', before: 'Для вашего аккаунта запрошен другой адрес:' },
    de: {
      subject: 'Eine neue E-Mail-Adresse wurde verlangt',
      before: 'Ihr Konto soll eine andere E-Mail-Adresse bekommen:',
    },
    es: { subject: 'Se ha pedido otra dirección', before: 'Su cuenta va a tener otra dirección de correo:' },
    fr: {
      subject: 'Une nouvelle adresse a été demandée',
      before: 'Votre compte doit recevoir une autre adresse e-mail :',
    },
  },
  email_changed: {
    en: {
      subject: 'Your e-mail address was changed',
      before: 'Your account now has another e-mail address:',
    },
    ru: { subject: 'Адрес изменён', before: 'У вашего аккаунта теперь другой адрес:' },
    de: {
      subject: 'Ihre E-Mail-Adresse wurde geändert',
      before: 'Ihr Konto hat jetzt eine andere E-Mail-Adresse:',
    },
    es: { subject: 'Se ha cambiado su dirección', before: 'Su cuenta tiene ahora otra dirección de correo:' },
    fr: {
      subject: 'Votre adresse a été changée',
      before: 'Votre compte a maintenant une autre adresse e-mail :',
    },
  },
};

const stops: Record<Language, string> = {
  en: 'If this was not you, change your password at once, and tell whoever runs this installation:',
  ru: 'Если это были не вы, немедленно смените пароль и сообщите тому, кто обслуживает эту установку:',
  de: 'Wenn Sie das nicht waren, ändern Sie sofort Ihr Passwort und sagen Sie es dem Betreiber dieser Installation:',
  es: 'Si no ha sido usted, cambie su contraseña de inmediato y avise a quien gestiona esta instalación:',
  fr: "Si ce n'était pas vous, changez tout de suite de mot de passe et prévenez qui gère cette installation :",
};

export function tellingLetter(
  kind: Telling,
  language: Language,
  { about, link }: { about: string; link: string },
): LetterText {
  const { subject, before } = tellings[kind][language];
  return {
    subject: `CryptoScan: ${subject}`,
    text: `${before}\n\n${about}\n\n${stops[language]}\n\n${link}\n`,
  };
}
