import PostgresClient
import TransactionalMessaging

/// Wakes who writes and sends messages as soon as there is something to do, in whichever process that is.
///
/// A ring that is lost costs a moment: everybody looks without it too, though seldom while there is nothing to do.
final class WorkBell: Sendable {
    /// What there is to do.
    enum Work: String, CaseIterable {
        case messages, campaigns
        /// Somebody at the desk waits for a message that is to be written.
        case urgentMessages = "urgent-messages"
        /// And it is written: a worker may take it.
        case urgentReady = "urgent-ready"
    }

    private static let channel = "quittance_notification_work"
    private let database: Database
    private let commonBell = CommitBell(WorkBell.channel)
    /// For what is urgent, which waits for no other ring of a moment before.
    private let urgentBell = CommitBell(WorkBell.channel, every: .milliseconds(5))
    /// Rung in this process.
    let messages = Doorbell()
    let campaigns = Doorbell()
    let urgentMessages = Doorbell()

    init(_ database: Database) {
        self.database = database
    }

    func ring(_ work: Work, after change: inout Change) {
        // The job it wakes is often in this process, which needs no round trip to hear of it.
        change.afterCommit { [self] in doorbell(of: work)?.ring() }
        bell(for: work).ring(for: work.rawValue, from: database, after: &change)
    }

    /// Hears the rings of all processes until the task is cancelled.
    func listen() async {
        await listen { work in doorbell(of: work)?.ring() }
    }

    func listen(_ hear: (Work) -> Void) async {
        for await ring in database.pool.notifications(Self.channel) {
            // An empty one says that some may have been missed.
            let works = Work(rawValue: ring).map { [$0] } ?? Work.allCases
            for work in works { hear(work) }
        }
    }

    private func bell(for work: Work) -> CommitBell {
        switch work {
        case .messages, .campaigns: commonBell
        case .urgentMessages, .urgentReady: urgentBell
        }
    }

    /// Nil where workers alone listen.
    private func doorbell(of work: Work) -> Doorbell? {
        switch work {
        case .messages: messages
        case .campaigns: campaigns
        case .urgentMessages: urgentMessages
        case .urgentReady: nil
        }
    }
}
