import NotificationDomain
import PaymentModel

/// Which words are meant.
struct TemplateName: Hashable, Sendable {
    enum Part: Hashable, Sendable { case subject, body }

    let occasion: Occasion
    let channel: Channel
    let part: Part
    let language: Language

    init(_ occasion: Occasion, _ channel: Channel, _ part: Part, _ language: Language) {
        self.occasion = occasion
        self.channel = channel
        self.part = part
        self.language = language
    }
}

/// The words of every message; three braces, since nothing here is HTML.
enum Templates {
    static let all: [TemplateName: String] = [
        TemplateName(.paymentLink, .sms, .body, .french):
            "{{{clinic}}} : pour régler {{{amount}}}, suivez ce lien sécurisé : {{{link}}}",
        TemplateName(.paymentLink, .sms, .body, .english):
            "{{{clinic}}}: to pay {{{amount}}}, follow this secure link: {{{link}}}",
        TemplateName(.paymentAccepted, .email, .subject, .french): "Votre paiement de {{{amount}}} est accepté",
        TemplateName(.paymentAccepted, .email, .subject, .english): "Your payment of {{{amount}}} was accepted",
        TemplateName(.paymentAccepted, .email, .body, .french): acceptedFrench,
        TemplateName(.paymentAccepted, .email, .body, .english): acceptedEnglish,
        TemplateName(.refund, .email, .subject, .french): "Remboursement de {{{amount}}}",
        TemplateName(.refund, .email, .subject, .english): "Refund of {{{amount}}}",
        TemplateName(.refund, .email, .body, .french): refundFrench,
        TemplateName(.refund, .email, .body, .english): refundEnglish,
    ]

    private static let acceptedFrench = """
        Bonjour {{{firstName}}} {{{lastName}}},

        Votre paiement de {{{amount}}} à {{{clinic}}} est accepté.
        {{#schedule}}
        - le {{{day}}} : {{{amount}}}
        {{/schedule}}

        {{{clinic}}}
        """

    private static let acceptedEnglish = """
        Dear {{{firstName}}} {{{lastName}}},

        Your payment of {{{amount}}} to {{{clinic}}} was accepted.
        {{#schedule}}
        - on {{{day}}}: {{{amount}}}
        {{/schedule}}

        {{{clinic}}}
        """

    private static let refundFrench = """
        Bonjour {{{firstName}}} {{{lastName}}},

        {{{clinic}}} vous rembourse {{{amount}}}. Les échéances à venir sont réduites d'autant ; le reste vous est versé.

        {{{clinic}}}
        """

    private static let refundEnglish = """
        Dear {{{firstName}}} {{{lastName}}},

        {{{clinic}}} is refunding {{{amount}}}. Coming instalments become smaller; the rest is paid back to you.

        {{{clinic}}}
        """
}
