import HTTPServer
import NotificationDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Reminders of payments (NOT-3).
struct ReminderRoutes {
    let database: Database
    let plan: PlanReminder
    let reminders = ReminderStore()

    private var change: ChangeReminder { ChangeReminder(database: database, time: plan.time) }

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk, .accountant], scope: "messages:read")
        let writing = Access.roles([.manager, .frontDesk], scope: "messages:write")
        let one = "/v1/reminders/{reminderID}"
        return [
            Route(.get, "/v1/reminders", operation: "listReminders", access: reading, list),
            Route(
                .post, "/v1/reminders", operation: "planReminder", access: writing, idempotency: .required, create),
            Route(.get, one, operation: "getReminder", access: reading, get),
            Route(.put, one, operation: "moveReminder", access: writing, move),
            Route(.delete, one, operation: "callOffReminder", access: writing, callOff),
        ]
    }

    @Sendable private func list(_ request: Request) async throws -> Response {
        let principal = try request.principal
        let (page, wanted) = try request.readQuery { fields in
            (
                fields.page(by: MessageID.self),
                ReminderFilter(
                    clinics: principal.clinics.list, payment: fields.optionalID("paymentID"),
                    state: fields.optionalEnumeration("state", as: Reminder.State.self))
            )
        }
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try reminders.list(
                of: principal.organisation, wanted, before: page.before, rows: page.rows, &transaction)
        }
        return try request.json(.ok, Page(found.map { ReminderAnswer($0) }, of: page, id: \.id))
    }

    @Sendable private func create(_ request: Request) async throws -> Response {
        let draft = try request.read { fields in
            PlanReminder.Draft(
                payment: fields.id("paymentID"), day: fields.localDate("day"), time: fields.time() ?? .morning,
                contacts: fields.others() ?? [])
        }
        let applied = try await plan.run(
            draft, seenBy: try request.principal.clinics.list, because: try request.cause())
        return try request.json(.created, applied.answer).tagged(applied.answer.version)
    }

    @Sendable private func get(_ request: Request) async throws -> Response {
        let shown = try await visible(request)
        let answer = ReminderAnswer(shown)
        return try request.json(.ok, answer).tagged(answer.version)
    }

    @Sendable private func move(_ request: Request) async throws -> Response {
        let wish = try request.read { fields in
            ChangeReminder.Wish.move(fields.localDate("day"), fields.time(), fields.others())
        }
        return try await change(request, wish)
    }

    @Sendable private func callOff(_ request: Request) async throws -> Response {
        try await change(request, .callOff)
    }

    private func change(_ request: Request, _ wish: ChangeReminder.Wish) async throws -> Response {
        let known = try await visible(request).record
        let applied = try await change.run(
            known.reminder.id, of: known.payment, wish, seen: try request.versionToMatch(),
            by: ContactAccess(clinics: try request.principal.clinics.list), because: try request.cause())
        return try request.json(.ok, applied.answer).tagged(applied.answer.version)
    }

    /// A reminder of the caller's clinics; any other does not exist for it.
    private func visible(_ request: Request) async throws -> ShownReminder {
        let id: MessageID = try request.path("reminderID")
        let principal = try request.principal
        let found = try await database.read(organisation: principal.organisation) { transaction in
            try reminders.find(id, &transaction)
        }
        guard let found, found.record.organisation == principal.organisation,
            principal.clinics.includes(found.record.clinic)
        else { throw NotFound.reminder }
        return found
    }
}

extension Fields {
    /// When on the clinic's wall; nil: the request does not say.
    fileprivate func time() -> LocalTime? {
        optionalText("time", max: 5, remedy: "Give a time such as 08:00.") { LocalTime($0) }
    }

    /// Who gets it besides the client, each once; nil: the request does not say.
    fileprivate func others() -> [ContactID]? {
        optionalIDs("contactIDs", CheckOtherRecipients.countMax)?.reduce(into: []) { named, id in
            if !named.contains(id) { named.append(id) }
        }
    }
}
