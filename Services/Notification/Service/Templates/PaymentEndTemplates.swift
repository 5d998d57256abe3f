import NotificationDomain
import PaymentModel

/// The words of messages about payments that will not be made.
enum PaymentEndTemplates {
    static let sms: [(Occasion, Language, String)] = [
        (
            .paymentRefused, .french,
            "{{clinic}} : votre paiement de {{amount}} n'a pas été accepté. Contactez-nous pour régler autrement."
        ),
        (
            .paymentRefused, .english,
            "{{clinic}}: your payment of {{amount}} was not accepted. Please contact us to pay in another way."
        ),
        (
            .paymentCancelled, .french,
            "{{clinic}} : notre demande de paiement de {{amount}} est annulée ; son lien ne sert plus."
        ),
        (
            .paymentCancelled, .english,
            "{{clinic}}: our request to pay {{amount}} was cancelled; its link is of no use any more."
        ),
    ]

    static let email: [(Occasion, Language, subject: String, body: String)] = [
        (
            .paymentRefused, .french, "Votre paiement de {{amount}} n'a pas été accepté",
            InvoiceTemplates.letter(
                .french,
                "Votre paiement de {{amount}} à {{clinic}} n'a pas été accepté. "
                    + "Contactez-nous pour régler d'une autre manière.")
        ),
        (
            .paymentRefused, .english, "Your payment of {{amount}} was not accepted",
            InvoiceTemplates.letter(
                .english,
                "Your payment of {{amount}} to {{clinic}} was not accepted. Please contact us to pay in another way.")
        ),
        (
            .paymentCancelled, .french, "Demande de paiement de {{amount}} annulée",
            InvoiceTemplates.letter(
                .french,
                "Notre demande de paiement de {{amount}} est annulée : le lien que vous avez reçu ne sert plus.")
        ),
        (
            .paymentCancelled, .english, "Request to pay {{amount}} cancelled",
            InvoiceTemplates.letter(
                .english,
                "Our request to pay {{amount}} was cancelled: the link you received is of no use any more.")
        ),
    ]
}
