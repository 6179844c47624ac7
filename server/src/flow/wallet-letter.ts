/** The letter that announces a wallet which waits: what it is, from when it is paid on, and where it can be stopped. */
import type { AssetCode, NetworkCode } from '../domain/asset.ts';
import type { Language } from '../lib/language.ts';
import type { LetterText } from './letter.ts';

/** Names that people chose are not in it, so that nobody can write letters in ours. */
export type HeldWallet = {
  merchantId: number;
  network: NetworkCode;
  asset: AssetCode;
  address: string;
  /** In ms. */
  activeFrom: number;
};

type Wording = { subject: string; before: string; merchant: string; from: string; stop: string };

const wordings: Record<Language, Wording> = {
  en: {
    subject: 'A new wallet will take your payments',
    before: 'A wallet was added to your account:',
    merchant: 'Merchant',
    from: 'New invoices may use it from',
    stop: 'If this was not you or your team, deactivate it before then, and change your password:',
  },
  ru: {
    subject: 'Новый кошелёк будет принимать ваши платежи',
    before: 'В ваш аккаунт добавлен кошелёк:',
    merchant: 'Магазин',
    from: 'Новые счета смогут использовать его с',
    stop: 'Если это сделали не вы и не ваша команда, отключите его до этого времени и смените пароль:',
  },
  de: {
    subject: 'Ein neues Wallet wird Ihre Zahlungen empfangen',
    before: 'Ihrem Konto wurde ein Wallet hinzugefügt:',
    merchant: 'Händler',
    from: 'Neue Rechnungen dürfen es nutzen ab',
    stop: 'Wenn das weder Sie noch Ihr Team waren, deaktivieren Sie es vorher und ändern Sie Ihr Passwort:',
  },
  es: {
    subject: 'Un monedero nuevo recibirá sus pagos',
    before: 'Se ha añadido un monedero a su cuenta:',
    merchant: 'Comercio',
    from: 'Las facturas nuevas podrán usarlo desde',
    stop: 'Si no han sido usted ni su equipo, desactívelo antes y cambie su contraseña:',
  },
  fr: {
    subject: 'Un nouveau portefeuille recevra vos paiements',
    before: 'Un portefeuille a été ajouté à votre compte :',
    merchant: 'Marchand',
    from: "Les nouvelles factures pourront l'utiliser à partir du",
    stop: "Si ce n'était ni vous ni votre équipe, désactivez-le avant et changez votre mot de passe :",
  },
};

export function walletLetter(wallet: HeldWallet, language: Language, link: string): LetterText {
  const { subject, before, merchant, from, stop } = wordings[language];
  const { merchantId, network, asset, address, activeFrom } = wallet;
  const time = `${new Date(activeFrom).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const facts = [`${merchant} ${merchantId}`, `${asset} ${network}`, address].join('\n');
  return {
    subject: `CryptoScan: ${subject}`,
    text: `${before}\n\n${facts}\n\n${from} ${time}.\n\n${stop}\n\n${link}\n`,
  };
}
