import NotificationDomain
import PaymentModel

/// The words of every message until an organisation writes its own.
enum StandardTemplates {
    /// Nil for what is never sent that way.
    static func text(_ name: TemplateName) -> TemplateText? { all[name] }

    static let all = [ofInvoices, ofPaymentEnds].reduce(ofPayments) { $0.merging($1) { first, _ in first } }

    private static let ofInvoices = named(InvoiceTemplates.sms, InvoiceTemplates.email)
    private static let ofPaymentEnds = named(PaymentEndTemplates.sms, PaymentEndTemplates.email)

    private static func named(
        _ messages: [(Occasion, Language, String)], _ mails: [(Occasion, Language, subject: String, body: String)]
    ) -> [TemplateName: TemplateText] {
        Dictionary(
            uniqueKeysWithValues: messages.map { (sms($0.0, $0.1), words("", $0.2)) }
                + mails.map { (email($0.0, $0.1), words($0.subject, $0.body)) })
    }

    private static let ofPayments: [TemplateName: TemplateText] = [
        sms(.paymentLink, .french): words(
            "", "{{clinic}} : pour régler {{amount}}, suivez ce lien sécurisé : {{link}}"),
        sms(.paymentLink, .english): words("", "{{clinic}}: to pay {{amount}}, follow this secure link: {{link}}"),
        sms(.paymentReminder, .french): words(
            "", "{{clinic}} : votre règlement de {{amount}} est attendu, par ce lien sécurisé : {{link}}"),
        sms(.paymentReminder, .english): words(
            "", "{{clinic}}: your payment of {{amount}} is still open, by this secure link: {{link}}"),
        sms(.debitNotice, .french): words("", "{{clinic}} : {{amount}} seront prélevés le {{day}}."),
        sms(.debitNotice, .english): words("", "{{clinic}}: {{amount}} will be debited on {{day}}."),
        sms(.verificationCode, .french): words(
            "", "{{clinic}} : votre code pour payer {{amount}} est {{code}}. Lisez-le à la personne qui vous accueille."
        ),
        sms(.verificationCode, .english): words(
            "", "{{clinic}}: your code to pay {{amount}} is {{code}}. Read it out to the person at the desk."),
        email(.paymentAccepted, .french): words("Votre paiement de {{amount}} est accepté", acceptedFrench),
        email(.paymentAccepted, .english): words("Your payment of {{amount}} was accepted", acceptedEnglish),
        email(.refund, .french): words("Remboursement de {{amount}}", refundFrench),
        email(.refund, .english): words("Refund of {{amount}}", refundEnglish),
    ]

    private static func sms(_ occasion: Occasion, _ language: Language) -> TemplateName {
        TemplateName(occasion: occasion, channel: .sms, language: language)
    }

    private static func email(_ occasion: Occasion, _ language: Language) -> TemplateName {
        TemplateName(occasion: occasion, channel: .email, language: language)
    }

    private static func words(_ subject: String, _ body: String) -> TemplateText {
        TemplateText(subject: subject, body: body)
    }

    private static let acceptedFrench = """
        Bonjour {{firstName}} {{lastName}},

        Votre paiement de {{amount}} à {{clinic}} est accepté.
        {{#schedule}}
        - le {{day}} : {{amount}}
        {{/schedule}}

        {{clinic}}
        """

    private static let acceptedEnglish = """
        Dear {{firstName}} {{lastName}},

        Your payment of {{amount}} to {{clinic}} was accepted.
        {{#schedule}}
        - on {{day}}: {{amount}}
        {{/schedule}}

        {{clinic}}
        """

    private static let refundFrench = """
        Bonjour {{firstName}} {{lastName}},

        {{clinic}} vous rembourse {{amount}}. S'il reste des échéances, elles sont réduites d'abord ; le reste vous est versé.

        {{clinic}}
        """

    private static let refundEnglish = """
        Dear {{firstName}} {{lastName}},

        {{clinic}} is refunding {{amount}}. If instalments are still to come, they become smaller first; the rest is paid to you.

        {{clinic}}
        """
}
