using System.CommandLine;

namespace FedRec.Cli.Commands;

/// <summary><c>privacy</c>: what differential privacy would cost, what a federation tells of its clients, what a federation has spent of its clients' privacy, and the most that it may.</summary>
internal static class PrivacyCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("privacy", "Plans differential privacy, attacks a federation to see what it tells, shows what has been spent, and limits that.")
        {
            PrivacyPlanCommand.Create(terminal),
            PrivacyAuditCommand.Create(terminal),
            PrivacyLedgerCommands.Ledger(terminal),
            PrivacyLedgerCommands.Budget(terminal),
        };
        return command.WithExamples("fedrec privacy plan --users 6040 --cohort 604 --rounds 100", "fedrec train --learner mf --objective bpr --cohort 200 --epsilon 8 --clip-norm 0.5", "fedrec privacy audit --data ml-100k --rounds 30", "fedrec privacy ledger show", "fedrec privacy ledger verify", "fedrec privacy budget 10 --delta 1e-6");
    }
}
