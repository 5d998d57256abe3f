import NotificationDomain
import PaymentModel

/// The words of messages about invoices and what was paid on them.
enum InvoiceTemplates {
    static let sms: [(Occasion, Language, String)] = [
        (
            .depositRequest, .french,
            "{{clinic}} : un acompte de {{amount}} est attendu pour le {{day}} (facture {{number}})."
        ),
        (.depositRequest, .english, "{{clinic}}: a deposit of {{amount}} is due by {{day}} (invoice {{number}})."),
        (.overdue, .french, "{{clinic}} : {{levelText}}"), (.overdue, .english, "{{clinic}}: {{levelText}}"),
    ]

    static let email: [(Occasion, Language, subject: String, body: String)] = [
        (
            .invoice, .french, "Votre facture {{number}}",
            letter(.french, "Voici votre facture {{number}} de {{amount}}, à échéance du {{day}}.")
        ),
        (
            .invoice, .english, "Your invoice {{number}}",
            letter(.english, "Please find attached your invoice {{number}} of {{amount}}, due by {{day}}.")
        ),
        (
            .creditNote, .french, "Votre avoir {{number}}",
            letter(.french, "Voici votre avoir {{number}} de {{amount}}.")
        ),
        (
            .creditNote, .english, "Your credit note {{number}}",
            letter(.english, "Please find attached your credit note {{number}} of {{amount}}.")
        ),
        (
            .receipt, .french, "Reçu de votre règlement de {{amount}}",
            letter(
                .french, "Nous avons bien reçu votre règlement de {{amount}}, et vous en remercions. Voici son reçu.")
        ),
        (
            .receipt, .english, "Receipt of your payment of {{amount}}",
            letter(
                .english, "We have received your payment of {{amount}}, thank you. Please find attached its receipt.")
        ),
        (
            .depositRequest, .french, "Acompte de {{amount}} à régler",
            letter(
                .french,
                "Pour donner suite à votre devis, un acompte de {{amount}} est attendu pour le {{day}}. "
                    + "Voici sa facture {{number}}.")
        ),
        (
            .depositRequest, .english, "Deposit of {{amount}}",
            letter(
                .english,
                "To go ahead with your quote, we ask for a deposit of {{amount}} by {{day}}. "
                    + "Please find attached its invoice {{number}}.")
        ),
        (.overdue, .french, "Rappel {{level}} : {{number}}", letter(.french, "{{levelText}}")),
        (.overdue, .english, "Reminder {{level}}: {{number}}", letter(.english, "{{levelText}}")),
        (
            .invoiceLink, .french, "Facture {{number}} : réglez en ligne",
            letter(.french, "Vous pouvez maintenant régler en ligne {{amount}} de votre facture {{number}}, ci-jointe.")
        ),
        (
            .invoiceLink, .english, "Invoice {{number}}: pay online",
            letter(.english, "You can now pay {{amount}} of your invoice {{number}} online; please find it attached.")
        ),
    ]

    /// What is said at any level of dunning where the organisation has no words of its own.
    ///
    /// The number of an invoice, or the label of what is owed without one.
    static func levelText(_ channel: Channel, _ language: Language) -> String {
        switch (channel, language) {
        case (.sms, .french): "sauf erreur, {{amount}} restent dus depuis le {{day}} ({{number}})."
        case (.sms, .english): "unless we are mistaken, {{amount}} is due since {{day}} ({{number}})."
        case (.email, .french):
            "Sauf erreur de notre part, {{amount}} restent dus ({{number}}), à échéance du {{day}}. "
                + "Si votre règlement est parti entre-temps, ne tenez pas compte de ce message."
        case (.email, .english):
            "Unless we are mistaken, {{amount}} ({{number}}), due by {{day}}, is still open. "
                + "If your payment is on its way, please disregard this message."
        }
    }

    /// What is put after words of an organisation that do not say how much is due.
    static func whatIsDue(_ channel: Channel, _ language: Language) -> String {
        switch (channel, language) {
        case (.sms, .french): "Solde : {{amount}} ({{number}})."
        case (.sms, .english): "Open: {{amount}} ({{number}})."
        case (.email, .french): "Solde ({{number}}), à échéance du {{day}} : {{amount}}."
        case (.email, .english): "Open ({{number}}), due by {{day}}: {{amount}}."
        }
    }

    static func letter(_ language: Language, _ content: String) -> String {
        let greeting = language == .french ? "Bonjour" : "Dear"
        return "\(greeting) {{firstName}} {{lastName}},\n\n\(content)\n\n{{clinic}}"
    }
}
