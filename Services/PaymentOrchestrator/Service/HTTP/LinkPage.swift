import PaymentModel
import PaymentOrchestratorDomain

/// The page a client sees behind the link: plain, readable by any device and any reader, without script.
struct LinkPage {
    /// What brought the client here.
    enum Occasion {
        case link
        /// The provider's page sent the client back.
        case wayBack
    }

    let record: PaymentRecord
    let clinicName: String
    /// The link's address seen from the page: the form leads there from the way back as well.
    let link: String
    /// Where the client could pay instead, if this one did not work.
    let other: Provider?
    let occasion: Occasion
    /// The clinic's days and hours.
    let calendar: ClinicCalendar
    let now: Instant

    private var words: LinkWords { LinkWords(record.language) }

    var html: String {
        let heading = "\(words.payment) — \(escaped(clinicName))"
        return Self.frame(
            language: record.language.rawValue, title: heading,
            """
            <h1>\(heading)</h1>
            <p role="status"><strong>\(status)</strong></p>
            \(changesSoon ? "<p><a href=\"?\">\(words.lookAgain)</a></p>" : "")
            \(givenBack)
            \(summary)
            \(isPayable && record.payment.isConfirmed ? button : "")
            \(isPayable && isCredit ? legal : "")
            \(other.map(otherButton) ?? "")
            \(isPayable ? "<p>\(validUntil)</p>" : "")
            """)
    }

    private var status: String {
        switch record.payment.state {
        case .requested where isOver: words.expired
        case .requested where !record.payment.isConfirmed: words.codeFirst
        case .requested where wasNotReached: words.notReached
        case .open where isOver || !hasProviderPage: words.oneMoment
        case .open where occasion == .wayBack: words.perhapsPaid
        case .requested, .open: words.toPay
        case .starting, .unknown: words.oneMoment
        case .cancelling: words.beingCancelled
        case .accepted where kept?.isZero == true: words.allGivenBack
        case .accepted where record.payment.acceptance?.disposition == .heldForClient: words.heldForClient
        case .accepted: words.paid
        case .refused: words.refused
        case .cancelled: words.cancelled
        case .expired: words.expired
        }
    }

    /// Whether the link's time is over, also before the job has ended it.
    private var isOver: Bool { now >= record.payment.terms.expiresAt }

    /// Whether the client may go on to the provider.
    private var isPayable: Bool {
        switch record.payment.state {
        case .requested: !isOver
        case .open: !isOver && hasProviderPage
        case .starting, .unknown, .cancelling, .accepted, .refused, .cancelled, .expired: false
        }
    }

    /// Whether the client has something to do at the provider, as far as is known.
    private var hasProviderPage: Bool { record.payment.liveAttempt?.payURL != nil }

    /// Whether the client went on and the provider never heard of it.
    private var wasNotReached: Bool { record.payment.attempts.last?.state == .abandoned }

    /// Whether things will look different in a moment without the client doing anything here.
    private var changesSoon: Bool {
        switch record.payment.state {
        case .starting, .unknown, .cancelling: true
        case .requested: isPayable && !record.payment.isConfirmed
        case .open: isOver || !hasProviderPage || occasion == .wayBack
        case .accepted, .refused, .cancelled, .expired: false
        }
    }

    private var validUntil: String {
        let end = record.payment.terms.expiresAt
        return words.validUntil(calendar.date(of: end), at: calendar.time(of: end))
    }

    /// What the clinic keeps of what was paid; `nil` where nothing was paid.
    private var kept: Money? {
        record.payment.acceptance.map {
            Money(max(0, $0.amount.minorUnits - sum(of: [.completed])), $0.amount.currency)
        }
    }

    /// What went back and what the clinic keeps; nothing to say where nothing did or is about to.
    private var givenBack: String {
        guard let kept else { return "" }
        let currency = kept.currency
        let (back, coming) = (sum(of: [.completed]), sum(of: [.requested, .pending, .unknown]))
        let parts = [
            back > 0 ? words.givenBack(words.money(Money(back, currency)), kept: words.money(kept)) : nil,
            coming > 0 ? words.comingBack(words.money(Money(coming, currency))) : nil,
        ]
        return parts.compactMap(\.self).map { "<p>\($0)</p>" }.joined(separator: "\n")
    }

    private func sum(of states: Set<Refund.State>) -> Int64 {
        record.payment.refunds.filter { states.contains($0.state) }.reduce(Int64(0)) { $0 + $1.amount.minorUnits }
    }

    private var summary: String {
        let terms = record.payment.terms
        return """
            <p>\(words.named(escaped(record.title))) <strong>\(words.money(terms.amount))</strong>, \
            \(words.plan(terms.plan))</p>
            \(isPayable ? todayAndLater : "")
            \(isCredit || record.schedule.contains { $0.customerFee.isPositive } ? schedule : "")
            """
    }

    private var schedule: String {
        let rows = record.schedule.map { instalment in
            """
            <tr><th scope="row">\(words.date(instalment.dueOn))</th><td>\(words.money(instalment.amount))</td>\
            <td>\(words.money(instalment.customerFee))</td></tr>
            """
        }
        return """
            <table><caption>\(words.schedule)</caption>
            <thead><tr><th scope="col">\(words.day)</th><th scope="col">\(words.amount)</th>\
            <th scope="col">\(words.fee)</th></tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody>
            </table>
            """
    }

    /// How much is paid at once and how much later, fees included; nothing to say where all is paid at once.
    private var todayAndLater: String {
        let (currency, first) = (record.payment.terms.amount.currency, record.schedule.first?.dueOn)
        let today = calendar.date(of: now)
        let parts = record.schedule.map { ($0.dueOn, $0.amount.minorUnits + $0.customerFee.minorUnits) }
        let atOnce = parts.filter { $0.0 == first && first.map { $0 <= today } == true }.reduce(Int64(0)) { $0 + $1.1 }
        let all = parts.reduce(Int64(0)) { $0 + $1.1 }
        guard isCredit, !parts.isEmpty else { return "" }
        let (nowText, laterText) = (words.money(Money(atOnce, currency)), words.money(Money(all - atOnce, currency)))
        return "<p>\(words.today) <strong>\(nowText)</strong>, \(words.later) <strong>\(laterText)</strong></p>"
    }

    /// Whether anything is paid later than now.
    private var isCredit: Bool { record.payment.terms.plan != .now }

    private var button: String {
        """
        <form method="post" action="\(escaped(link))">\
        <button type="submit">\(words.goOn(record.payment.terms.provider))</button></form>
        """
    }

    private func otherButton(_ provider: Provider) -> String {
        """
        <form method="post" action="\(escaped(link))/other"><p>\(words.orElse)</p>\
        <button type="submit">\(words.payAtOnce(provider))</button></form>
        """
    }

    /// The law wants this sentence wherever a credit is offered, since 20 November 2026 for split payments too.
    private var legal: String { "<p class=\"legal\">\(words.creditWarning)</p>" }

    /// The page of a link that leads nowhere; nobody knows the reader's language.
    static let unknown = frame(
        language: "fr", title: "Lien inconnu / Unknown link",
        """
        <h1>Lien inconnu <span lang="en">/ Unknown link</span></h1>
        <p>Ce lien de paiement n'existe pas. Vérifiez qu'il est complet, ou appelez votre clinique.</p>
        <p lang="en">This payment link does not exist. Check that it is complete, or call your clinic.</p>
        """)

    private static func frame(language: String, title: String, _ content: String) -> String {
        """
        <!doctype html>
        <html lang="\(language)"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1"><title>\(title)</title>
        <style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#111;\
        background:#fff}h1{font-size:1.6rem;line-height:1.2}form{margin:1.2rem 0}\
        table{border-collapse:collapse;width:100%}caption,th,td{text-align:left;padding:.3rem}\
        tbody th{font-weight:normal}button{font:inherit;padding:.8rem 1.4rem;background:#05603a;color:#fff;\
        border:2px solid #05603a;border-radius:.4rem;max-width:100%}:focus-visible{outline:3px solid #1d4ed8;\
        outline-offset:3px}.legal{font-weight:bold}</style></head>
        <body><main>
        \(content)
        </main></body></html>
        """
    }
}

/// A text in a page: markup in a name stays a name, also a sign that an accent behind it makes another character of.
private func escaped(_ text: String) -> String {
    var safe = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": safe += "&amp;"
        case "<": safe += "&lt;"
        case ">": safe += "&gt;"
        case "\"": safe += "&quot;"
        case "'": safe += "&#39;"
        default: safe.unicodeScalars.append(scalar)
        }
    }
    return safe
}
