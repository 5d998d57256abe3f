package import PaymentModel

/// Why a client is not forgotten yet (GEN-7).
package enum ErasureObstacle: Hashable, Sendable {
    case owes(Money)
    case holds(Money)
    /// Online payments that nobody accepted into the books.
    case paymentsWait(Int64)
    /// Quotes with deposits that were paid, and no invoice yet that takes them off.
    case depositsPaid(Int64)
    /// A payment is disputed at its provider: were that lost, it would be due again by nobody who can be asked (GDPR
    /// art. 17(3) e).
    case disputed(Money)

    /// All there are.
    package static func all(
        due: Money, held: Money, waiting: Int64, deposits: Int64, disputed: Money
    ) -> [ErasureObstacle] {
        var obstacles: [ErasureObstacle] = []
        if due.isPositive { obstacles.append(.owes(due)) }
        if held.isPositive { obstacles.append(.holds(held)) }
        if waiting > 0 { obstacles.append(.paymentsWait(waiting)) }
        if deposits > 0 { obstacles.append(.depositsPaid(deposits)) }
        if disputed.isPositive { obstacles.append(.disputed(disputed)) }
        return obstacles
    }
}

/// What is known of a client: what stands against forgetting it, what goes, and what the law keeps (GEN-7).
package struct ErasureFindings: Hashable, Sendable {
    /// Of the person, by what holds it.
    package struct Removed: Hashable, Sendable {
        /// Of the client, and of other clients who have the person as one.
        package let contacts: Int64
        package let billingDetails: Int64
        /// Payments of the client or for others with a payer's name, what a cheque says, notes or a reason.
        package let tillNotes: Int64
        /// Entries of the audit trail that tell of the person; they stay without what they told.
        package let auditEntries: Int64
        /// Answers kept for requests that are repeated.
        package let savedAnswers: Int64
        /// Drafts that are given up, and open quotes that are declined.
        package let drafts: Int64
        package let quotes: Int64

        package init(
            contacts: Int64, billingDetails: Int64, tillNotes: Int64, auditEntries: Int64, savedAnswers: Int64,
            drafts: Int64, quotes: Int64
        ) {
            self.contacts = contacts
            self.billingDetails = billingDetails
            self.tillNotes = tillNotes
            self.auditEntries = auditEntries
            self.savedAnswers = savedAnswers
            self.drafts = drafts
            self.quotes = quotes
        }
    }

    /// What is kept: documents as they were issued, and amounts without a name.
    package struct Kept: Hashable, Sendable {
        package let invoices: Int64
        package let creditNotes: Int64
        package let payments: Int64
        /// Day of the last document.
        package let lastDocumentOn: LocalDate?

        package init(invoices: Int64, creditNotes: Int64, payments: Int64, lastDocumentOn: LocalDate?) {
            self.invoices = invoices
            self.creditNotes = creditNotes
            self.payments = payments
            self.lastDocumentOn = lastDocumentOn
        }

        /// For how many years after its own the law wants a document kept.
        package static let years = 10

        /// The last day on which the law wants the documents kept, with the names on them: ten years after the end of
        /// the year of the last one (Code de commerce, L123-22).
        package var until: LocalDate? {
            lastDocumentOn.flatMap { LocalDate(year: $0.year + Self.years, month: 12, day: 31) }
        }
    }

    /// Somebody whom another client has as a contact.
    package struct Contact: Hashable, Sendable {
        package let id: ContactID
        package let client: ClientID

        package init(id: ContactID, client: ClientID) {
            self.id = id
            self.client = client
        }
    }

    package let obstacles: [ErasureObstacle]
    package let removed: Removed
    package let kept: Kept
    /// Others' contacts with the person's phone or e-mail under another name, which stay.
    package let alike: [Contact]

    package init(obstacles: [ErasureObstacle], removed: Removed, kept: Kept, alike: [Contact]) {
        self.obstacles = obstacles
        self.removed = removed
        self.kept = kept
        self.alike = alike
    }
}
