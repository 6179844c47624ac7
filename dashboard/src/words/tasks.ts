/** What waits for somebody, and what to do about it. `todo_…` go with the kinds of tasks of the server. */
import { words } from './words.ts';

export const tasks = words(
  {
    lead: 'Payments that settled no invoice, and invoices that are not as they should be. Say what becomes of each.',
    waiting: 'Waits for you',
    transfers: 'Transfers',
    what: 'What it is',
    invoice: 'Invoice',
    since: 'Since',
    none: 'Nothing waits for you: every payment has found its invoice.',
    rest_missing: 'The rest did not come',
    todo_no_reservation: 'Find out what it was for: give it to an invoice, or send it back.',
    todo_before_invoice:
      'It may be a late payment of an earlier invoice: give it to that one, or send it back.',
    todo_after_deadline: 'Deliver and mark the invoice as paid by it, or send it back.',
    todo_second_transfer: 'The invoice was paid without it: send it back.',
    todo_rest_missing:
      'A part was paid, the rest was not. Mark the invoice as paid if that is enough for you, or send the parts back.',
    todo_reversed:
      'The payment has left the blockchain: stop the delivery if you can, and ask the payer to pay again.',
    todo_unverified_manual:
      'It was marked as paid by hand, and its transaction was not seen on the blockchain: look it up before you deliver.',
    todo_underpaid: 'A little less was accepted, as you have set: nothing to do, unless you want the rest.',
    todo_overpaid: 'More came than was due: send back what is too much, if you want.',
    todo_paid_late: 'It was paid after the deadline: check that you can still deliver at this price.',
    todo_paid_after_cancel: 'It was paid after it was cancelled: deliver, or send the money back.',
    todo_expired_blind:
      'Its network could not be read when it ended: look at the wallet in a block explorer, and mark the invoice as paid if the money came.',
    parts: 'See what came',
    close: 'Mark as dealt with',
    closeLead: 'It leaves the list of what waits for you. The invoice and its mark stay as they are.',
    note: 'Note',
    noteHint: 'Kept in the audit log with your name.',
  },
  {
    'ru-RU': {
      lead: 'Платежи, которые не закрыли ни одного счёта, и счета, с которыми что-то не так. Решите, что делать с каждым.',
      waiting: 'Ждёт вас',
      transfers: 'Переводы',
      what: 'Что это',
      invoice: 'Счёт',
      since: 'С какого времени',
      none: 'Ничего не ждёт: каждый платёж нашёл свой счёт.',
      rest_missing: 'Остаток не пришёл',
      todo_no_reservation: 'Узнайте, за что он: отнесите его к счёту или верните.',
      todo_before_invoice:
        'Возможно, это поздняя оплата прежнего счёта: отнесите его к тому счёту или верните.',
      todo_after_deadline: 'Выполните заказ и отметьте счёт оплаченным этим переводом или верните деньги.',
      todo_second_transfer: 'Счёт оплачен без него: верните его.',
      todo_rest_missing:
        'Оплачена только часть. Отметьте счёт оплаченным, если этого достаточно, или верните полученные части.',
      todo_reversed:
        'Платёж исчез из блокчейна: остановите доставку, если можно, и попросите плательщика заплатить снова.',
      todo_unverified_manual:
        'Счёт отмечен оплаченным вручную, но транзакцию в блокчейне не нашли: проверьте её до доставки.',
      todo_underpaid:
        'Принята сумма чуть меньше, как вы настроили: делать ничего не нужно, если остаток вам не важен.',
      todo_overpaid: 'Пришло больше, чем нужно: при желании верните лишнее.',
      todo_paid_late: 'Оплачен после срока: проверьте, что можете выполнить заказ по этой цене.',
      todo_paid_after_cancel: 'Оплачен после отмены: выполните заказ или верните деньги.',
      todo_expired_blind:
        'Когда счёт истёк, его сеть не читалась: посмотрите кошелёк в обозревателе блоков и отметьте счёт оплаченным, если деньги пришли.',
      parts: 'Посмотреть, что пришло',
      close: 'Отметить решённым',
      closeLead: 'Пропадёт из списка того, что вас ждёт. Счёт и его отметка останутся как есть.',
      note: 'Заметка',
      noteHint: 'Останется в журнале действий с вашим именем.',
    },
    'de-DE': {
      lead: 'Zahlungen, die keine Rechnung beglichen haben, und Rechnungen, bei denen etwas nicht stimmt. Sagen Sie, was mit jeder geschieht.',
      waiting: 'Wartet auf Sie',
      transfers: 'Überweisungen',
      what: 'Was es ist',
      invoice: 'Rechnung',
      since: 'Seit',
      none: 'Nichts wartet auf Sie: Jede Zahlung hat ihre Rechnung gefunden.',
      rest_missing: 'Der Rest kam nicht',
      todo_no_reservation:
        'Finden Sie heraus, wofür sie war: Geben Sie sie einer Rechnung, oder zahlen Sie sie zurück.',
      todo_before_invoice:
        'Vielleicht eine späte Zahlung einer früheren Rechnung: Geben Sie sie dieser, oder zahlen Sie sie zurück.',
      todo_after_deadline:
        'Liefern Sie und markieren Sie die Rechnung als damit bezahlt, oder zahlen Sie zurück.',
      todo_second_transfer: 'Die Rechnung wurde ohne sie bezahlt: Zahlen Sie sie zurück.',
      todo_rest_missing:
        'Ein Teil wurde bezahlt, der Rest nicht. Markieren Sie die Rechnung als bezahlt, wenn Ihnen das genügt, oder zahlen Sie die Teile zurück.',
      todo_reversed:
        'Die Zahlung ist nicht mehr auf der Blockchain: Halten Sie die Lieferung wenn möglich an, und bitten Sie den Zahler, noch einmal zu zahlen.',
      todo_unverified_manual:
        'Von Hand als bezahlt markiert, und die Transaktion war auf der Blockchain nicht zu sehen: Prüfen Sie sie, bevor Sie liefern.',
      todo_underpaid:
        'Etwas weniger wurde angenommen, wie Sie es eingestellt haben: nichts zu tun, außer Sie wollen den Rest.',
      todo_overpaid: 'Es kam mehr als fällig war: Zahlen Sie zurück, was zu viel ist, wenn Sie wollen.',
      todo_paid_late: 'Nach der Frist bezahlt: Prüfen Sie, ob Sie zu diesem Preis noch liefern können.',
      todo_paid_after_cancel: 'Nach dem Abbruch bezahlt: Liefern Sie, oder zahlen Sie zurück.',
      todo_expired_blind:
        'Ihr Netzwerk war beim Ablauf nicht lesbar: Sehen Sie das Wallet in einem Block-Explorer an, und markieren Sie die Rechnung als bezahlt, wenn das Geld da ist.',
      parts: 'Ansehen, was kam',
      close: 'Als erledigt markieren',
      closeLead:
        'Sie verlässt die Liste dessen, was auf Sie wartet. Die Rechnung und ihre Markierung bleiben, wie sie sind.',
      note: 'Notiz',
      noteHint: 'Steht mit Ihrem Namen im Protokoll.',
    },
    'es-ES': {
      lead: 'Pagos que no saldaron ninguna factura y facturas que no están como deberían. Di qué se hace con cada uno.',
      waiting: 'Te espera',
      transfers: 'Transferencias',
      what: 'Qué es',
      invoice: 'Factura',
      since: 'Desde',
      none: 'Nada te espera: cada pago ha encontrado su factura.',
      rest_missing: 'El resto no llegó',
      todo_no_reservation: 'Averigua para qué era: asígnala a una factura o devuélvela.',
      todo_before_invoice: 'Puede ser un pago tardío de una factura anterior: asígnala a esa o devuélvela.',
      todo_after_deadline: 'Entrega el pedido y marca la factura como pagada con ella, o devuélvela.',
      todo_second_transfer: 'La factura se pagó sin ella: devuélvela.',
      todo_rest_missing:
        'Se pagó una parte y el resto no. Marca la factura como pagada si te basta, o devuelve las partes.',
      todo_reversed:
        'El pago ya no está en la cadena: detén la entrega si puedes y pide al pagador que pague de nuevo.',
      todo_unverified_manual:
        'Se marcó como pagada a mano y su transacción no se vio en la cadena: compruébala antes de entregar.',
      todo_underpaid:
        'Se aceptó un poco menos, como lo configuraste: no hay que hacer nada, salvo que quieras el resto.',
      todo_overpaid: 'Llegó más de lo debido: devuelve lo que sobra, si quieres.',
      todo_paid_late: 'Se pagó después del plazo: comprueba que aún puedes entregar a este precio.',
      todo_paid_after_cancel: 'Se pagó después de cancelarla: entrega el pedido o devuelve el dinero.',
      todo_expired_blind:
        'Su red no se podía leer cuando caducó: mira el monedero en un explorador de bloques y marca la factura como pagada si llegó el dinero.',
      parts: 'Ver lo que llegó',
      close: 'Marcar como resuelta',
      closeLead: 'Sale de la lista de lo que te espera. La factura y su marca quedan como están.',
      note: 'Nota',
      noteHint: 'Se guarda en el registro con tu nombre.',
    },
    'fr-FR': {
      lead: 'Paiements qui n’ont réglé aucune facture, et factures qui ne sont pas comme elles devraient être. Dites ce qu’il advient de chacun.',
      waiting: 'Vous attend',
      transfers: 'Transferts',
      what: 'De quoi il s’agit',
      invoice: 'Facture',
      since: 'Depuis',
      none: 'Rien ne vous attend : chaque paiement a trouvé sa facture.',
      rest_missing: 'Le reste n’est pas arrivé',
      todo_no_reservation: 'Cherchez à quoi il correspond : attribuez-le à une facture ou rendez-le.',
      todo_before_invoice:
        'C’est peut-être un paiement tardif d’une facture précédente : attribuez-le à celle-ci ou rendez-le.',
      todo_after_deadline: 'Livrez et marquez la facture comme payée par lui, ou rendez-le.',
      todo_second_transfer: 'La facture a été payée sans lui : rendez-le.',
      todo_rest_missing:
        'Une partie a été payée, pas le reste. Marquez la facture comme payée si cela vous suffit, ou rendez les parties.',
      todo_reversed:
        'Le paiement n’est plus sur la blockchain : arrêtez la livraison si possible et demandez au payeur de payer à nouveau.',
      todo_unverified_manual:
        'Marquée payée à la main, et sa transaction n’a pas été vue sur la blockchain : vérifiez-la avant de livrer.',
      todo_underpaid:
        'Un peu moins a été accepté, selon votre réglage : rien à faire, sauf si vous voulez le reste.',
      todo_overpaid: 'Il est arrivé plus que dû : rendez ce qui est en trop, si vous voulez.',
      todo_paid_late: 'Payée après l’échéance : vérifiez que vous pouvez encore livrer à ce prix.',
      todo_paid_after_cancel: 'Payée après son annulation : livrez, ou rendez l’argent.',
      todo_expired_blind:
        'Son réseau était illisible quand elle a expiré : regardez le portefeuille dans un explorateur de blocs et marquez la facture comme payée si l’argent est arrivé.',
      parts: 'Voir ce qui est arrivé',
      close: 'Marquer comme traitée',
      closeLead:
        'Elle quitte la liste de ce qui vous attend. La facture et sa mention restent telles quelles.',
      note: 'Note',
      noteHint: 'Gardée dans le journal avec votre nom.',
    },
  },
);
