import NotificationDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// What to do with a file some rows of which are bad.
enum ContactImportMode: String, CaseIterable, Sendable {
    /// Say what would happen and change nothing.
    case dryRun = "dry-run"
    /// Take the file if nothing is wrong with any row of it.
    case allOrNothing = "all-or-nothing"
    /// Take the good rows.
    case keepGood = "keep-good"
}

/// Takes contacts of a file into the directory, in one transaction; the same file twice changes nothing (NOT-5).
struct ImportContacts {
    let database: Database
    let ids: IdentifierSource
    let reading: BlockingWork
    let contacts = ContactStore()
    let clinics = ClinicStore()
    /// How many rows are written with one statement.
    private static let batchMax = 1_000

    /// `clinic` is that of rows that name none.
    func run(
        _ file: [UInt8], _ mode: ContactImportMode, at clinic: ClinicID?, by access: ContactAccess,
        because cause: Cause
    ) async throws -> ContactImportAnswer {
        let (usual, each) = try await database.read(organisation: cause.organisation) { transaction in
            (
                try clinics.numbers(at: clinic, of: cause.organisation, in: &transaction),
                try clinics.numbersAtEach(of: cause.organisation, in: &transaction)
            )
        }
        let read = try await reading.run {
            try ContactFile(CSVTable(file), at: clinic) { text, named in
                // As it is dialled there: elsewhere it may be somebody else's.
                named.flatMap { (each[$0] ?? each[nil])?.read(text) } ?? usual.read(text)
            }
        }
        return try await database.change(because: cause) { change in
            try contacts.awaitTurn(in: &change)
            var plan = Plan(of: read)
            for start in stride(from: 0, to: read.entries.count, by: Self.batchMax) {
                let entries = read.entries[start...].prefix(Self.batchMax)
                let known = KnownContacts(try contacts.known(entries.map(\.contact), in: &change), \.details)
                for entry in entries { plan.take(entry, known, at: clinic, by: access, ids) }
            }
            let isTaken = mode == .keepGood || mode == .allOrNothing && plan.problems.isEmpty
            if isTaken { try write(plan, in: &change) }
            return ContactImportAnswer(mode, of: read, plan, isTaken: isTaken)
        }.answer
    }

    private func write(_ plan: Plan, in change: inout Change) throws {
        for start in stride(from: 0, to: plan.added.count, by: Self.batchMax) {
            try contacts.insert(Array(plan.added[start...].prefix(Self.batchMax)), in: &change)
        }
        for start in stride(from: 0, to: plan.changed.count, by: Self.batchMax) {
            try contacts.update(Array(plan.changed[start...].prefix(Self.batchMax)), in: &change)
        }
    }

    /// What a file makes of the directory.
    struct Plan: Sendable {
        var added: [ContactRecord] = []
        var changed: [ContactRecord] = []
        var unchanged = 0
        var problems: [ContactFile.Problem]
        private var matching: ContactMatching

        init(of file: ContactFile) {
            problems = file.problems
            matching = file.matching
        }

        mutating func take(
            _ entry: ContactFile.Entry, _ known: KnownContacts<ContactRecord>, at clinic: ClinicID?,
            by access: ContactAccess, _ ids: IdentifierSource
        ) {
            var told = entry.contact
            guard var contact = matching.entry(of: told, at: clinic, among: known) else {
                if let line = entry.repeats {
                    return problems.append(ContactFile.Problem(line: entry.line, column: .email, asOn: line))
                }
                told.clinic = told.clinic ?? clinic
                guard access.includes(told.clinic) else {
                    return told.clinic == nil ? askForClinic(entry) : refuse(entry)
                }
                return added.append(ContactRecord(id: ids.make(), details: ContactDetails(told)))
            }
            let details = contact.details.taking(in: told)
            guard access.includes(contact.details.clinic), access.includes(details.clinic) else {
                return refuse(entry)
            }
            guard details != contact.details else { return unchanged += 1 }
            // A file adds groups to those that are there; with more than there may be nobody could change the entry.
            guard details.groups.count <= max(ContactDetails.groupsMax, contact.details.groups.count) else {
                return refuseGroups(entry)
            }
            contact.details = details
            changed.append(contact)
        }

        /// Somebody new, of no clinic, is for those who act for all.
        private mutating func askForClinic(_ entry: ContactFile.Entry) {
            problems.append(
                ContactFile.Problem(
                    line: entry.line, column: .clinic,
                    reason: "It names no clinic, and the caller acts for some clinics only.",
                    remedy: "Give the clinic's id as clinicID of the address, or in a column clinic_id."))
        }

        private mutating func refuseGroups(_ entry: ContactFile.Entry) {
            let most = ContactDetails.groupsMax
            problems.append(
                ContactFile.Problem(
                    line: entry.line, column: .groups,
                    reason: "With those it is in already there are more than \(most).",
                    remedy: "Take it out of some, or name fewer."))
        }

        private mutating func refuse(_ entry: ContactFile.Entry) {
            problems.append(
                ContactFile.Problem(
                    line: entry.line, column: .clinic, reason: "It is of a clinic the caller does not act for.",
                    remedy: "Leave it to somebody who does."))
        }
    }
}
