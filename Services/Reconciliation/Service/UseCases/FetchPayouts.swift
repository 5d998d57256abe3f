import Metrics
import PaymentModel
import ReconciliationDomain
import ServiceRuntime
import TransactionalMessaging

/// Takes in what providers tell of their payouts, asked through payment-orchestrator, which has their keys (REC-3).
///
/// A payout is taken in together with its place in the provider's list, in one transaction: whoever is killed goes on
/// there.
struct FetchPayouts {
    let database: Database
    let ids: IdentifierSource
    let time: TimeSource
    /// Nil where this installation takes reports as files only.
    let payments: AskOwner?
    let reports: ImportSettlement
    let sources = PayoutSourceStore()
    let words = ProvidersWordStore()
    let payouts = PayoutStore()
    /// Accounts that one run looks at; the others are first in the next.
    static let sourcesMax = 10_000
    /// Answers of one account that one run takes in.
    static let answersMax = 1_000
    /// Providers list payouts by when they were made, days before they arrive.
    static let daysUnderWayMax = 30

    /// All accounts, one by one; one that is in trouble keeps nobody else waiting.
    func run() async throws {
        guard let payments else { return }
        let due = try await database.read(organisation: nil) { transaction in
            try sources.due(Self.sourcesMax, &transaction)
        }
        var troubled = 0
        for source in due {
            let answer = try await run(source, payments)
            if answer.trouble != nil { troubled += 1 }
        }
        Gauge(label: "quittance_payout_sources_troubled").record(troubled)
    }

    /// One account, when a person asks.
    func run(_ account: ProviderAccountID, of organisation: OrganisationID) async throws -> PayoutSourceAnswer {
        let source = try await database.read(organisation: organisation) { transaction in
            try sources.find(account, of: organisation, &transaction)
        }
        guard let source else { throw NotFound.payoutSource(account) }
        guard let payments else { throw PayoutsByFileOnly() }
        return try await run(source, payments)
    }

    private func run(_ source: PayoutSource, _ payments: AskOwner) async throws -> PayoutSourceAnswer {
        var trouble: Sentence?
        do {
            try await takeAll(of: source, payments)
        } catch let unavailable as OwnerUnavailable {
            trouble = Self.words(unavailable)
        } catch let problem as FileProblem {
            trouble = problem.reason
        } catch let ended as CancellationError {
            throw ended
        } catch {
            // Its own words may quote what was read.
            trouble = Sentence("\(type(of: error))")
        }
        let (account, now) = (source.account, time.now())
        return try await database.change(because: cause("note-payout-source", source)) { [trouble] change in
            try sources.note(asked: account, at: now, trouble: trouble, in: &change)
            guard let noted = try sources.lock(account, in: &change) else { throw NotFound.payoutSource(account) }
            return PayoutSourceAnswer(noted)
        }.answer
    }

    static func words(_ unavailable: OwnerUnavailable) -> Sentence {
        guard let status = unavailable.status else {
            return "The service of the payments could not be asked: \(unavailable.reason)."
        }
        return "The service of the payments answered \(status)."
    }

    /// Each of the three for itself: one that is in trouble keeps the others from nothing, and the first is told.
    private func takeAll(of source: PayoutSource, _ payments: AskOwner) async throws {
        var trouble: (any Error)?
        do {
            try await takeNew(of: source, payments)
        } catch {
            trouble = error
        }
        do {
            try await hearWords(of: source, payments)
        } catch {
            trouble = trouble ?? error
        }
        do {
            try await match(source)
        } catch {
            trouble = trouble ?? error
        }
        if let trouble { throw trouble }
    }

    private func takeNew(of source: PayoutSource, _ payments: AskOwner) async throws {
        var place = source.place
        for _ in 0..<Self.answersMax {
            let told: ToldPayouts = try await payments.read(
                ToldPayouts.path(source, after: place), in: source.organisation, bytesMax: 64 << 20,
                within: .seconds(300))
            guard !told.items.isEmpty else { return }
            for payout in told.items {
                // Once for all of an answer: what waits for its bank line is looked through as a whole.
                let isLast = payout.place == told.items.last?.place
                guard try await take(payout, of: source, after: place, matching: isLast) else { return }
                place = payout.place
            }
        }
    }

    /// What the provider says now of payouts that wait for the bank, where the organisation takes its word (REC-2).
    private func hearWords(of source: PayoutSource, _ payments: AskOwner) async throws {
        guard ProvidersWord.mayChange(at: source.provider) else { return }
        let (provider, organisation) = (source.provider, source.organisation)
        let first = try await database.read(organisation: organisation) { transaction in
            try words.isTaken(by: organisation, &transaction)
                ? payouts.wordAwaited(at: provider, in: organisation, &transaction) : nil
        }
        guard let first else { return }
        let told: ToldPayoutStates = try await payments.read(
            ToldPayoutStates.path(source, since: first.adding(days: -Self.daysUnderWayMax)), in: organisation,
            bytesMax: 16 << 20, within: .seconds(300))
        let news = try await database.read(organisation: organisation) { transaction in
            try payouts.news(among: told.words, at: provider, in: organisation, &transaction)
        }
        guard !news.isEmpty else { return }
        try await database.change(because: cause("hear-payout-states", source)) { change in
            try BooksLock.takeAlone(in: &change)
            try reports.hear(news, in: &change)
        }
    }

    /// Finds the bank lines of what was taken in before something came in between, in this run or in one that was
    /// killed.
    private func match(_ source: PayoutSource) async throws {
        let now = try await database.read(organisation: source.organisation) { transaction in
            try sources.find(source.account, of: source.organisation, &transaction)
        }
        guard now?.awaitsMatching == true else { return }
        try await database.change(because: cause("match-payouts", source)) { change in
            try BooksLock.takeAlone(in: &change)
            try reports.matchAll(in: &change)
            sources.note(matched: source.account, in: &change)
        }
    }

    /// False when somebody else has taken it in meanwhile.
    private func take(
        _ payout: ToldPayouts.Payout, of source: PayoutSource, after place: String?, matching: Bool
    ) async throws -> Bool {
        let report = try payout.report(of: source.provider)
        return try await database.change(because: cause("take-in-payout", source)) { change in
            // First, so that nobody who tells of the account waits for an import with us.
            try BooksLock.takeAlone(in: &change)
            guard let now = try sources.lock(source.account, in: &change), now.place == place else { return false }
            try reports.run(report, of: source.provider, in: &change)
            if matching { try reports.matchAll(in: &change) }
            try sources.move(source.account, to: payout.place, awaitsMatching: !matching, in: &change)
            return true
        }.answer
    }

    private func cause(_ step: String, _ source: PayoutSource) -> Cause {
        .step(step, by: "payout reports", for: source.organisation, correlation: ids.make(), ids)
    }
}

/// This installation asks no provider: reports come as files.
struct PayoutsByFileOnly: Error {}
