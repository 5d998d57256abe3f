import PaymentModel
import PaymentOrchestratorDomain

/// A payment with what surrounds it: whose it is, who pays, the link, and when it is looked at next.
struct PaymentRecord: Sendable {
    /// The state machine.
    var payment: Payment
    /// Whose it is.
    let organisation: OrganisationID
    /// Where it was asked for.
    let clinic: ClinicID
    /// Who pays; `nil` once the client was erased.
    let client: ClientDetails?
    /// What the client reads.
    let title: String
    /// The schedule as it was offered, shown until the provider gives its own.
    let quote: [ScheduledInstalment]
    /// The link's token, as it is kept.
    let token: KeptToken
    /// When it was asked for.
    let createdAt: Instant
    /// The clinic's time zone; `nil` where it is the service's.
    let timeZone: String?
    /// The payment that gave way to this one, where the client went on with another provider.
    var insteadOf: PaymentID?
    /// Who asked for it at the clinic, by id; `nil` where a program did.
    var requestedBy: String?
    /// Whether invoicing still has to say that it counted the accepted money.
    var awaitsCounting: Bool
    /// Counts its changes.
    var version: Int64
    /// When the provider, or the clock, is next asked about it.
    var askAt: Instant?
    /// How often that happened since the last change.
    var questions: Int

    /// Its name.
    var id: PaymentID { payment.terms.id }

    /// The language the client reads; of somebody who was erased nobody knows it.
    var language: Language { client?.language ?? .french }

    /// The schedule to show: the provider's once it is known.
    var schedule: [ScheduledInstalment] {
        guard let acceptance = payment.acceptance, !acceptance.schedule.isEmpty else { return quote }
        return acceptance.schedule
    }

    /// What of it the client is still to be debited: not what was paid, on its day or ahead of it.
    var debits: [ScheduledInstalment] {
        let paid = (payment.acceptance?.instalments ?? []).filter { $0.state == .paid }
        return schedule.filter { debit in !paid.contains { $0.dueOn == debit.dueOn && $0.amount == debit.amount } }
    }

    /// A new payment, or one as it was stored.
    init(
        payment: Payment, organisation: OrganisationID, clinic: ClinicID, client: ClientDetails?, title: String,
        quote: [ScheduledInstalment], token: KeptToken, createdAt: Instant, timeZone: String?,
        insteadOf: PaymentID? = nil, requestedBy: String? = nil, awaitsCounting: Bool = false, version: Int64 = 0,
        askAt: Instant? = nil, questions: Int = 0
    ) {
        self.payment = payment
        self.organisation = organisation
        self.clinic = clinic
        self.client = client
        self.title = title
        self.quote = quote
        self.token = token
        self.createdAt = createdAt
        self.timeZone = timeZone
        self.insteadOf = insteadOf
        self.requestedBy = requestedBy
        self.awaitsCounting = awaitsCounting
        self.version = version
        self.askAt = askAt
        self.questions = questions
    }
}

/// A link's token as it is kept: a hash to find it by, and a sealed copy for whoever sends the link.
struct KeptToken: Hashable, Sendable {
    /// SHA-256 of the token.
    let hash: [UInt8]
    /// The token, sealed.
    let sealed: SealedText
}
