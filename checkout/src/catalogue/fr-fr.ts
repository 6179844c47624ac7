/** French. */
import { html } from '../html.ts';
import { type Catalogue, plural } from './catalogue.ts';

const form = plural('fr-FR');

export const frFR: Catalogue = {
  name: 'Français',
  languages: 'Langue',
  notices: {
    no_amount:
      'Cette monnaie n’est pas disponible pour le moment. Choisissez-en une autre ou réessayez dans quelques minutes.',
    network_behind:
      'Ce réseau n’est pas lisible de façon fiable pour le moment. Choisissez-en un autre ou réessayez plus tard.',
    unavailable: 'Cela n’a pas fonctionné. Rien n’a été modifié. Réessayez dans un instant.',
    payment_seen: 'Un paiement a déjà été détecté. Rien n’a été modifié.',
    changes_used:
      'Vous ne pouvez plus passer à une autre monnaie ou à un autre réseau. Payez comme indiqué ou revenez à un choix précédent.',
    ended: 'Ce paiement est déjà terminé. Rien n’a été modifié.',
  },
  choose: {
    title: 'Comment voulez-vous payer ?',
    lead: 'Choisissez la monnaie et le réseau depuis lesquels votre portefeuille ou votre plateforme envoie.',
    legend: 'Monnaie et réseau',
    next: 'Continuer',
    noneTitle: 'Le paiement est impossible pour le moment',
    none: 'Aucune monnaie n’est disponible pour le moment. Vous n’avez rien à payer ; réessayez dans quelques minutes.',
  },
  awaiting: {
    title: 'En attente de votre paiement',
    until: time => html`Payez avant ${time}`,
    send: 'Envoyez exactement',
    network: 'Sur le réseau',
    address: 'À l’adresse',
    tail: digits =>
      html`Gardez les derniers chiffres, ${digits} : ils distinguent votre paiement des autres.`,
    whole: 'Ce montant doit arriver entier, en un seul envoi.',
    fee: 'Si vous envoyez depuis une plateforme d’échange, ajoutez ses frais.',
    only: (asset, network) => html`Uniquement ${asset}, uniquement sur ${network}.`,
    otherwise: 'Un envoi par un autre réseau peut être perdu.',
    compare: 'Après avoir collé l’adresse, comparez les premiers et les derniers caractères.',
    qr: 'Code QR de l’adresse',
    qrHolds: 'Le code ne contient que l’adresse. Saisissez vous-même le montant.',
    qrLink: 'Code QR du paiement',
    qrLinkHolds:
      'Le code contient l’adresse, le montant et le réseau. Avant d’envoyer, vérifiez que votre portefeuille affiche exactement cette adresse et ce montant.',
    updates: 'Cette page change d’elle-même dès que votre paiement est détecté.',
  },
  paused: {
    title: 'N’envoyez rien maintenant',
    behind: network =>
      html`Nous ne pouvons pas lire ${network} pour le moment et ne verrions pas votre paiement.`,
    sent: 'Si vous l’avez déjà envoyé, il sera trouvé dès que le réseau pourra de nouveau être lu. Ne l’envoyez pas une seconde fois.',
    wait: 'Cette page change d’elle-même dès que vous pourrez de nouveau payer.',
    retired: network => html`Les paiements sur ${network} ne sont plus acceptés.`,
    lookUp: shop =>
      html`Si vous l’avez déjà envoyé, ne l’envoyez pas une seconde fois : conservez l’identifiant de la transaction et contactez ${shop}. La boutique devra peut-être rechercher le paiement.`,
    change: 'Ne changez que si vous n’avez encore rien envoyé.',
  },
  change: {
    ask: 'Payer avec une autre monnaie ou un autre réseau',
    kept: 'Si vous avez déjà envoyé quelque chose, cela compte toujours : ne payez pas une seconde fois.',
    really: 'Changer',
  },
  underpaid: {
    title: 'Il manque encore le reste',
    received: sum => html`Nous avons reçu ${sum}.`,
    again: 'N’envoyez pas une nouvelle fois le montant entier.',
    send: 'Envoyez le reste, exactement',
  },
  review: {
    title: 'Une partie seulement est arrivée',
    received: sum => html`Nous avons reçu ${sum}, moins que le montant dû.`,
    stop: 'N’envoyez plus rien maintenant.',
    safe: shop =>
      html`Rien n’est perdu : l’argent est dans le portefeuille de ${shop}, qui doit maintenant l’examiner.`,
  },
  confirming: {
    title: 'Paiement détecté',
    lead: 'Le réseau est en train de le confirmer. Vous n’avez plus rien à faire et pouvez fermer cette page.',
    again: 'Ne l’envoyez pas une seconde fois.',
    count: (done, needed) => `${done} sur ${form(needed, { one: 'confirmation', other: 'confirmations' })}`,
    wait: 'En attente du réseau',
  },
  paid: {
    title: 'Payé',
    lead: shop => html`Votre paiement à ${shop} est terminé. Merci.`,
    returning: 'Vous retournerez à la boutique dans quelques secondes.',
    over: 'Plus que le montant dû est arrivé.',
    again: 'Un second paiement est arrivé pour cette commande.',
    ask: shop => html`Pour récupérer le reste, contactez ${shop} avec l’identifiant de transaction.`,
  },
  checking: {
    title: 'Nous vérifions si votre paiement est arrivé',
    lead: 'Le délai de paiement est écoulé. N’envoyez plus rien.',
    sent: 'Si vous avez envoyé à temps, tout va bien : nous lisons encore le réseau et le trouverons.',
    wait: 'Cela prend en général quelques minutes.',
  },
  expired: {
    title: 'Le délai de paiement est écoulé',
    stop: 'Nous n’avons vu aucun paiement. Ne payez plus à cette adresse.',
    restart: shop => html`Pour payer, recommencez chez ${shop}.`,
    sent: shop =>
      html`Déjà envoyé ? Votre paiement est inscrit dans le réseau. Conservez l’identifiant de la transaction et contactez ${shop}.`,
    unread:
      'Nous n’avons pas pu lire le réseau jusqu’à la fin de ce délai : un paiement a pu arriver sans que nous le voyions. Ne payez plus à cette adresse.',
    unreadSent: shop =>
      html`Si vous avez déjà envoyé quelque chose, ne payez pas une seconde fois : conservez l’identifiant de la transaction et contactez ${shop}, qui pourra rechercher le paiement.`,
    unreadRestart: shop => html`Ne recommencez chez ${shop} que si vous n’avez rien envoyé.`,
  },
  late: {
    title: 'Votre paiement est arrivé trop tard',
    seen: 'Nous avons vu votre paiement, mais il est arrivé après la fin du délai.',
    safe: shop =>
      html`Rien n’est perdu : il est dans le portefeuille de ${shop}, qui doit maintenant l’examiner.`,
    rejected: shop =>
      html`${shop} n’accepte pas les paiements en retard. Votre argent est dans le portefeuille de la boutique : contactez-la pour le récupérer.`,
    keep: 'Conservez cet identifiant de transaction et donnez-le à la boutique en la contactant.',
  },
  returned: {
    title: 'Votre paiement vous a été renvoyé',
    late: shop => html`Votre paiement est arrivé trop tard. ${shop} indique vous avoir renvoyé l’argent.`,
    surplus: shop => html`${shop} indique vous avoir renvoyé ce qui était en trop.`,
    missing: shop => html`Si l’argent n’arrive pas, contactez ${shop} avec l’identifiant de la transaction.`,
    transaction: 'Identifiant de la transaction du remboursement',
  },
  cancelled: {
    title: 'Paiement annulé',
    lead: 'Ne payez plus à cette adresse.',
    sent: shop => html`Déjà envoyé ? Conservez l’identifiant de la transaction et contactez ${shop}.`,
  },
  cancel: {
    ask: 'Annuler ce paiement',
    warn: 'N’annulez que si vous n’avez encore rien envoyé.',
    really: 'Oui, annuler',
  },
  transaction: 'Identifiant de la transaction',
  backTo: shop => html`Retour à ${shop}`,
  copy: {
    amount: 'Copier le montant',
    address: 'Copier l’adresse',
    transaction: 'Copier l’identifiant de la transaction',
    done: 'Copié',
    byHand: 'Sélectionné : copiez à la main',
  },
  timer: time => html`reste ${time}`,
  minutesLeft: n => `Il vous reste ${form(n, { one: 'minute', other: 'minutes' })} pour payer.`,
  reloads: 'Cette page se recharge toutes les 20 secondes.',
  offline: 'Pas de connexion. Nous réessayons automatiquement ; votre paiement n’est pas affecté.',
  notFound: {
    title: 'Ce paiement n’existe pas',
    lead: 'Vérifiez le lien ou retournez à la boutique et recommencez. N’envoyez rien.',
  },
  link: {
    title: shop => html`Paiement à ${shop}`,
    lead: 'À l’étape suivante, vous verrez le montant exact et l’adresse. Rien n’est dû avant.',
    pay: 'Payer en cryptomonnaie',
    busy: 'Trop de paiements commencés par ce lien ne sont pas terminés. Réessayez plus tard.',
    unavailable:
      'Le paiement est impossible pour le moment. Rien n’a été modifié. Réessayez dans quelques minutes.',
    paidTitle: 'C’est déjà payé',
    paid: shop =>
      html`Il n’y a plus rien à payer par ce lien : n’envoyez rien. Si ce n’est pas vous qui avez payé, demandez à ${shop}.`,
    underwayTitle: 'Un paiement est en cours',
    underway:
      'Quelqu’un a commencé à payer par ce lien. Si c’est vous, continuez dans le même navigateur ; si vous avez déjà envoyé l’argent, ne payez pas une seconde fois. Si ce paiement se termine sans être payé, vous pourrez payer ici.',
    earlier: 'Voir le paiement que vous avez commencé ici',
  },
};
