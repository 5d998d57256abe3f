import NotificationService
import ServiceRuntime

await ServiceProgram<NotificationService>.main()
