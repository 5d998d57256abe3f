import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Forgets a client as a person, everywhere in the service; books and documents stay as the law wants them (GEN-7).
struct EraseClient {
    let database: Database
    let audit: AuditStore
    let clients = ClientStore()
    let erasing = ErasureStore()

    /// What stands against it.
    struct Refused: Error {
        let obstacles: [ErasureObstacle]
    }

    /// What would be removed and what would stay; nothing is changed.
    func preview(_ id: ClientID, of organisation: OrganisationID) async throws -> ErasureAnswer {
        try await database.read(organisation: organisation) { transaction in
            guard try clients.find(id, of: organisation, in: &transaction) != nil else { throw NotFound.client(id) }
            let others = try ContactTraces(of: id, in: organisation, &transaction)
            let findings = try erasing.findings(of: id, others, in: organisation, &transaction)
            return ErasureAnswer(findings, of: id, erasedOn: nil)
        }
    }

    func run(_ id: ClientID, seen version: Int64, because cause: Cause) async throws -> Applied<ErasureAnswer> {
        try await database.change(because: cause) { change in
            let organisation = change.cause.organisation
            // While it is locked nothing is written for the client; what is being issued is waited for.
            guard let client = try clients.lock(id, in: &change) else { throw NotFound.client(id) }
            guard client.version == version else { throw StaleVersion(current: client.version) }
            let others = try ContactTraces(of: id, in: organisation, &change.transaction)
            let findings = try erasing.findings(of: id, others, in: organisation, &change.transaction)
            guard findings.obstacles.isEmpty else { throw Refused(obstacles: findings.obstacles) }
            try erasing.giveUpDrafts(of: id, in: &change)
            let left = try erasing.obstacles(of: id, in: organisation, &change.transaction)
            guard left.isEmpty else { throw Refused(obstacles: left) }
            let day = try erasing.erase(id, others, in: &change)
            let answer = ErasureAnswer(findings, of: id, erasedOn: day)
            try audit.record("client-erased", about: id, before: nil as ErasureAnswer?, after: answer, in: &change)
            for identity in others.clients { change.announceErasure(of: identity, at: client.clinic, on: day) }
            return answer
        }
    }
}

extension ErasureObstacle {
    fileprivate var code: String {
        switch self {
        case .owes: "owes"
        case .holds: "holds"
        case .paymentsWait: "payments-wait"
        case .depositsPaid: "deposits-paid"
        case .disputed: "disputed"
        }
    }

    /// Why the client stays for now, for people.
    var words: Sentence {
        switch self {
        case .owes(let due): "The client owes \(due)."
        case .holds(let held): "The client has a credit of \(held)."
        case .paymentsWait(let count): "\(count) online payments wait to be accepted."
        case .depositsPaid(let count): "Deposits were paid on \(count) quotes that are not invoiced yet."
        case .disputed(let amount): "A payment is disputed at its provider: \(amount)."
        }
    }
}

/// What of a client is removed and what stays, as the API shows it.
struct ErasureAnswer: Codable, Sendable {
    struct Obstacle: Codable, Sendable {
        let code: String
        let reason: Sentence

        init(_ obstacle: ErasureObstacle) {
            (code, reason) = (obstacle.code, obstacle.words)
        }
    }

    struct Removed: Codable, Sendable {
        let contacts: Int64
        let billingDetails: Int64
        let tillNotes: Int64
        let auditEntries: Int64
        let savedAnswers: Int64
        let drafts: Int64
        let quotes: Int64
    }

    struct Kept: Codable, Sendable {
        let invoices: Int64
        let creditNotes: Int64
        let payments: Int64
        /// The law keeps documents until then, with the names on them.
        let until: LocalDate?
    }

    struct Contact: Codable, Sendable {
        let id: ContactID
        let clientID: ClientID
    }

    let clientID: ClientID
    /// Nil as long as nothing was removed.
    let erasedOn: LocalDate?
    /// Why it is not done; empty when it can be.
    let obstacles: [Obstacle]
    let removed: Removed
    let kept: Kept
    /// Other clients' with the phone or e-mail under another name, to be looked at; nil when there are none.
    let contactsAlike: [Contact]?

    init(_ findings: ErasureFindings, of client: ClientID, erasedOn: LocalDate?) {
        clientID = client
        self.erasedOn = erasedOn
        obstacles = findings.obstacles.map(Obstacle.init)
        let removed = findings.removed
        self.removed = Removed(
            contacts: removed.contacts, billingDetails: removed.billingDetails, tillNotes: removed.tillNotes,
            auditEntries: removed.auditEntries, savedAnswers: removed.savedAnswers, drafts: removed.drafts,
            quotes: removed.quotes)
        let kept = findings.kept
        self.kept = Kept(
            invoices: kept.invoices, creditNotes: kept.creditNotes, payments: kept.payments, until: kept.until)
        let alike = findings.alike.map { Contact(id: $0.id, clientID: $0.client) }
        contactsAlike = alike.isEmpty ? nil : alike
    }
}
