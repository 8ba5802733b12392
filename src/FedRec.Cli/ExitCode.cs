namespace FedRec.Cli;

/// <summary>What the process answers to the shell.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int BadConfiguration = 3;
    public const int Diverged = 4;
    public const int QuorumNotMet = 5;
    public const int StoreUnreachable = 6;
    public const int Cancelled = 130;
    public const int Terminated = 143;
}
