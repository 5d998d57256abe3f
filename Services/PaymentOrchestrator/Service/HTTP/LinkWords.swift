import PaymentModel

/// The words of the link's page in the client's language, GEN-5.
struct LinkWords {
    private let language: Language

    init(_ language: Language) { self.language = language }

    private var isFrench: Bool { language == .french }

    private func say(_ french: String, _ english: String) -> String { isFrench ? french : english }

    var payment: String { say("Paiement", "Payment") }
    var toPay: String { say("En attente de votre paiement.", "Waiting for your payment.") }
    var codeFirst: String {
        say(
            "Lisez d'abord à la clinique le code reçu par SMS, puis actualisez cette page.",
            "First read out to the clinic the code you got by SMS, then look at this page again.")
    }
    var oneMoment: String {
        say(
            "Un instant : nous interrogeons l'organisme de paiement.", "One moment: we are asking the payment provider."
        )
    }
    var notReached: String {
        say(
            "L'organisme de paiement n'a pas répondu et rien n'a été débité. Réessayez dans un instant.",
            "The payment provider did not answer and nothing was charged. Try again in a moment.")
    }

    /// Of whoever comes back before the provider's yes is here.
    var perhapsPaid: String {
        say(
            "Nous n'avons pas encore la réponse de l'organisme de paiement. Si vous venez de payer, patientez un "
                + "instant puis actualisez cette page ; sinon, vous pouvez reprendre le paiement.",
            "We do not have the payment provider's answer yet. If you have just paid, wait a moment and look again; "
                + "otherwise you can go on with the payment.")
    }

    var beingCancelled: String { say("Ce paiement est en cours d'annulation.", "This payment is being cancelled.") }
    var paid: String {
        say(
            "Merci, votre paiement est accepté. Votre clinique le sait déjà ; vous pouvez fermer cette page.",
            "Thank you, your payment was accepted. Your clinic knows already; you can close this page.")
    }
    var heldForClient: String {
        say(
            "Votre paiement est arrivé après la fin de cette demande. La clinique le garde et vous contactera.",
            "Your payment arrived after this request had ended. The clinic holds it for you and will contact you.")
    }
    var allGivenBack: String { say("Votre paiement vous a été remboursé.", "Your payment was paid back to you.") }

    /// What went back and what the clinic keeps.
    func givenBack(_ amount: String, kept: String) -> String {
        say(
            "Remboursé : \(amount) ; conservé par la clinique : \(kept).",
            "Paid back: \(amount); kept by the clinic: \(kept).")
    }

    /// What is on its way back.
    func comingBack(_ amount: String) -> String {
        say("Remboursement en cours : \(amount).", "On its way back to you: \(amount).")
    }

    var refused: String {
        say(
            "Le paiement n'a pas été accepté. Votre clinique vous proposera une autre solution.",
            "The payment was not accepted. Your clinic will offer you another way.")
    }
    var cancelled: String { say("Cette demande de paiement a été annulée.", "This payment request was cancelled.") }
    var expired: String {
        say(
            "Ce lien n'est plus valable. Demandez-en un nouveau à votre clinique.",
            "This link is no longer valid. Ask your clinic for a new one.")
    }
    /// How long the link can be used.
    func validUntil(_ day: LocalDate, at time: String) -> String {
        say(
            "Ce lien est valable jusqu'au \(date(day)) à \(time).", "This link is valid until \(date(day)) at \(time).")
    }

    /// What is paid, before the amount.
    func named(_ title: String) -> String { say("\(title)\u{A0}:", "\(title):") }

    var lookAgain: String { say("Actualiser", "Look again") }
    var schedule: String { say("Échéancier", "Schedule") }
    var today: String { say("Aujourd'hui", "Today") }
    var later: String { say("plus tard", "later") }
    var day: String { say("Date", "Date") }
    var amount: String { say("Montant", "Amount") }
    var fee: String { say("Frais", "Fee") }
    var creditWarning: String {
        say(
            "Attention ! Un crédit coûte de l'argent et doit être remboursé !",
            "Warning! Borrowing money costs money and must be repaid!")
    }

    /// The button.
    func goOn(_ provider: Provider) -> String {
        switch provider {
        case .stripe: say("Continuer par carte bancaire (Stripe)", "Continue by card (Stripe)")
        case .alma, .paypal: say("Continuer avec \(name(provider))", "Continue with \(name(provider))")
        }
    }

    var orElse: String {
        say("Rien n'a été débité. Vous pouvez payer autrement :", "Nothing was charged. You can pay in another way:")
    }

    /// The button of the other way.
    func payAtOnce(_ provider: Provider) -> String {
        switch provider {
        case .stripe: say("Payer en une fois par carte bancaire (Stripe)", "Pay at once by card (Stripe)")
        case .alma, .paypal: say("Payer en une fois avec \(name(provider))", "Pay at once with \(name(provider))")
        }
    }

    private func name(_ provider: Provider) -> String {
        switch provider {
        case .alma: "Alma"
        case .stripe: "Stripe"
        case .paypal: "PayPal"
        }
    }

    /// How the amount is spread.
    func plan(_ plan: PaymentPlan) -> String {
        switch (plan.instalments, plan.deferredDays) {
        case (1, 0): say("en une fois", "at once")
        case (1, let days): say("dans \(days) jours", "in \(days) days")
        case (let count, 0): say("en \(count) fois", "in \(count) instalments")
        case (let count, let days):
            say("en \(count) fois, dans \(days) jours", "in \(count) instalments, in \(days) days")
        }
    }

    /// An amount as the reader writes it; its spaces do not break.
    func money(_ amount: Money) -> String { Wording.amount(amount, in: language) }

    /// A day as the reader writes it.
    func date(_ day: LocalDate) -> String {
        guard !isFrench else { return Wording.date(day) }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return "\(day.day) \(months[day.month - 1]) \(day.year)"
    }
}
